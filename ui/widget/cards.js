/* Products as cards, comparisons as tables, proposals as buttons. In: JSON of the server, whose texts anybody may have
   written. Out: nodes; what a click asks of the page goes out as an event on `document` that the page answers. */
import { link, safeLink, visible } from "./markdown.js";

/** An exact amount as shops write it; `amount` is a decimal in a string. */
function money(amount, currency, locale) {
  const cents = currency === "CNY" ? "stripIfInteger" : "auto";
  const style = currency ? { style: "currency", currency, currencyDisplay: "narrowSymbol", trailingZeroDisplay: cents } : {};
  return new Intl.NumberFormat(locale, style).format(amount);
}

/** Ask the page to do something; `detail` may answer. Whether it left the default as it is. */
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`shopkeeper:${name}`, { detail, bubbles: true, cancelable: true }));

/** Let the page put something into its cart. Whether it did; null where no page listens. */
async function offer(product_id, variant_id, quantity) {
  let answer = null;
  const accept = (promise) => (answer = Promise.resolve(promise));
  const untouched = tell("add-to-cart", { product_id, variant_id, quantity, accept });
  if (answer === null) return untouched ? null : true;
  return answer.then((said) => said !== false, () => false);
}

/** The same from a card's button, which says what came of it; where no page listens, to the page of the product. */
async function put({ words, announce }, button, id, variant, href) {
  button.disabled = true;
  button.textContent = words.adding;
  const done = await offer(id, variant, 1);
  if (done === null && href) return location.assign(href);
  button.disabled = Boolean(done);
  button.textContent = done ? words.added : words.refused;
  announce(button.textContent);
}

/** The cards of products, and a button that compares them. */
export function cards(panel, products) {
  const { make, press, words, model, locale } = panel;
  const list = make("ul", { className: "cards", ariaLabel: words.products }, ...products.map((product) => card(panel, product)));
  if (products.length < 2) return [list];
  const button = press("plain", words.compare, async () => {
    const ids = products.slice(0, 4).map(({ id }) => id);
    const found = await model.lookUp(`compare?locale=${locale}&ids=${encodeURIComponent(ids)}`);
    button.replaceWith(make("div", { className: "table", role: "region", tabIndex: 0, ariaLabel: words.compare }, compared(found, make)));
  });
  return [list, button];
}

function compared({ products, rows }, make) {
  const row = (name, values, tag) =>
    make("tr", "", make("th", { scope: "row" }, name), ...values.map((value) => make(tag, "", visible(value ?? "–"))));
  return make("table", "", row("", products.map(({ title }) => title), "th"), ...rows.map(({ name, values }) => row(visible(name), values, "td")));
}

function card(panel, product) {
  const { make, words, locale } = panel;
  const { currency, price, price_max, list_price, rating, review_count, in_stock, options, reason, as_of } = product;
  const cost = (amount) => money(amount, currency, locale);
  const href = safeLink(product.url);
  const title = visible(product.title);
  const figures = make("p", "figures", make("b", "", price === null ? words.unpriced : cost(price) + (price_max ? ` – ${cost(price_max)}` : "")));
  if (list_price) figures.append(" ", make("s", { ariaLabel: words.was.replace("{}", cost(list_price)) }, cost(list_price)));
  const facts = make("p", "facts");
  if (rating) {
    const label = words.rated.replace("{}", Number(rating));
    facts.append(make("span", { role: "img", ariaLabel: label }, `★ ${Number(rating)}${review_count ? ` (${review_count})` : ""}`));
  }
  if (in_stock !== null) facts.append(make("span", in_stock ? "in" : "out", in_stock ? words.instock : words.sold));
  const body = make(
    "div", "body",
    make("h3", "", href ? viewing(product, link(href, make, title)) : title),
    make("p", "quiet", Object.values(options).map(visible).join(" · ")),
    figures, facts,
    make("p", "quiet", as_of ? words.asof.replace("{}", new Date(as_of).toLocaleDateString(locale)) : ""),
    make("p", "quiet", visible(reason)),
  );
  if (in_stock !== false) body.append(adding(panel, product, title, href));
  return make("li", "card", picture(panel, product, title), body);
}

function picture({ make, base }, { image }, title) {
  const frame = make("div", { className: "picture", ariaHidden: "true" }, title.slice(0, 1));
  if (image) make("img", { alt: "", src: new URL(image, base), onload: (event) => frame.replaceChildren(event.target) });
  return frame;
}

/** The page may show the product itself, without being left: it prevents the event's default. */
function viewing({ id, variant_id }, anchor) {
  anchor.onclick = (click) => {
    if (!tell("viewed-product", { product_id: id, variant_id, url: anchor.href })) click.preventDefault();
  };
  return anchor;
}

/** The button of a card. Where the card stands for several variants, the shopper chooses one first. */
function adding(panel, { id, variant_id, currency }, title, href) {
  const { make, press, words, model, locale } = panel;
  const button = press("plain", words.add, async () => {
    if (variant_id) return put(panel, button, id, variant_id, href);
    const found = await model.lookUp(`products/${encodeURIComponent(id)}`).catch(() => ({ variants: [] }));
    const kinds = found.variants.filter((variant) => variant.in_stock !== false);
    if (kinds.length < 2) return put(panel, button, id, kinds[0]?.id ?? null, href);
    const choice = make("select", { ariaLabel: words.choose }, make("option", { value: "" }, words.choose));
    for (const { id, options, price } of kinds) {
      const label = Object.values(options).map(visible).join(", ");
      choice.append(make("option", { value: id }, price === null ? label : `${label}: ${money(price, currency, locale)}`));
    }
    choice.onchange = () => {
      choice.replaceWith(button);
      put(panel, button, id, choice.value, href);
    };
    button.replaceWith(choice);
    choice.focus();
  });
  button.ariaDescription = title;
  return button;
}

/** What the assistant proposes; nothing happens without the click, and the shop's own doings ask once more. */
export const proposals = (panel, found) =>
  found.map((proposal) => {
    const { make, press, words, model } = panel;
    const { kind, label, state, detail, product_id, variant_id, quantity } = proposal;
    const carts = kind === "add_to_cart";
    const button = press("plain strong", visible(label), async () => {
      if (!carts && button.textContent !== words.confirm) return (button.textContent = words.confirm);
      await model.accept(proposal);
      if (!carts || proposal.state !== "accepted") return;
      const done = await offer(product_id, variant_id, quantity);
      model.settle(proposal, done ? "done" : "refused", done ? words.added : words.refused);
    });
    const open = state === "open";
    return make("p", "proposal", open ? button : make("b", "", visible(label)), " ", visible(detail || (open || carts ? "" : words[state])));
  });
