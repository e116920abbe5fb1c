/* Products as cards, comparisons as tables, proposals as buttons. In: JSON of the server, whose texts anybody may have
   written. Out: nodes; what a click asks of the page goes out as an event on `document` that the page answers. */
import { link, render, safeLink, visible } from "./markdown.js";

/** An exact amount as shops write it; `amount` is a decimal in a string. */
function money(amount, currency, locale) {
  const whole = currency === "CNY" && Number.isInteger(Number(amount)) && { minimumFractionDigits: 0 };
  const style = currency ? { style: "currency", currency, currencyDisplay: "narrowSymbol" } : {};
  try {
    return new Intl.NumberFormat(locale, { ...style, ...whole }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

/** Ask the page to put something into its cart. Resolves to whether it did; null where no page answers. */
function putInCart(product_id, variant_id, quantity) {
  let answer = null;
  const accept = (promise) => (answer = Promise.resolve(promise));
  const detail = { product_id, variant_id, quantity, accept };
  const untouched = document.dispatchEvent(new CustomEvent("shopkeeper:add-to-cart", { detail, bubbles: true, cancelable: true }));
  if (answer) return answer.then((done) => done !== false, () => false);
  return Promise.resolve(untouched ? null : true);
}

/** `panel` has make, words, base, locale and the conversation. */
export const cards = (panel, products) => {
  const { make, words, model } = panel;
  const list = make("ul", { className: "cards", ariaLabel: words.products }, ...products.map((product) => card(panel, product)));
  if (products.length < 2) return [list];
  const button = make("button", { type: "button", className: "plain", textContent: words.compare });
  button.onclick = () => {
    button.disabled = true;
    model.lookUp(`compare?locale=${panel.locale}&ids=${products.slice(0, 4).map(({ id }) => encodeURIComponent(id))}`).then(
      (found) => button.replaceWith(comparison(panel, found)),
      () => (button.disabled = false),
    );
  };
  return [list, button];
};

function comparison({ make, words }, found) {
  return make("div", { className: "table", role: "region", tabIndex: 0, ariaLabel: words.comparing }, render(found.table, make, () => null));
}

function card(panel, product) {
  const { make, words, locale } = panel;
  const price = (amount) => money(amount, product.currency, locale);
  const href = safeLink(product.url);
  const title = visible(product.title);
  const body = make("div", "body", make("h3", "", href ? viewing(panel, product, href, title) : title));
  const options = Object.values(product.options ?? {});
  if (options.length) body.append(make("p", "options", options.map(visible).join(" · ")));
  const figures = make("p", "figures");
  if (product.price === null) figures.append(words.unpriced);
  else {
    const range = product.price_max !== null && product.price_max !== product.price;
    figures.append(make("b", "", price(product.price) + (range ? ` – ${price(product.price_max)}` : "")));
    if (Number(product.list_price) > Number(product.price)) {
      figures.append(" ", make("s", { ariaLabel: words.was.replace("{}", price(product.list_price)) }, price(product.list_price)));
    }
  }
  const facts = make("p", "facts");
  if (product.rating) {
    const rating = String(Number(product.rating));
    const count = product.review_count ? ` (${product.review_count})` : "";
    facts.append(make("span", { role: "img", ariaLabel: words.rated.replace("{}", rating) }, `★ ${rating}${count}`));
  }
  if (product.in_stock !== null) facts.append(make("span", product.in_stock ? "in" : "out", product.in_stock ? words.instock : words.sold));
  body.append(figures, facts);
  if (product.reason) body.append(make("p", "reason", visible(product.reason)));
  if (product.in_stock !== false) body.append(adding(panel, product, href));
  return make("li", "card", picture(panel, product, title), body);
}

function picture({ make, base }, product, title) {
  const frame = make("div", { className: "picture", ariaHidden: "true" }, title.slice(0, 1));
  if (!product.image) return frame;
  const image = make("img", { alt: "", loading: "lazy", onload: () => frame.replaceChildren(image), onerror: () => image.remove() });
  image.src = new URL(product.image, base).href;
  frame.append(image);
  return frame;
}

/** The page may show the product itself, without being left: it prevents the event's default. */
function viewing({ make }, { id, variant_id }, href, title) {
  const anchor = link(href, make, title);
  anchor.onclick = (click) => {
    const detail = { product_id: id, variant_id, url: href };
    if (!document.dispatchEvent(new CustomEvent("shopkeeper:viewed-product", { detail, bubbles: true, cancelable: true }))) {
      click.preventDefault();
    }
  };
  return anchor;
}

/** The button of a card. Where the card stands for several variants, the shopper chooses one first. */
function adding(panel, product, href) {
  const { make, words, model, locale } = panel;
  const place = make("div", "adding");
  const button = make("button", { type: "button", className: "plain", textContent: words.add });
  button.ariaLabel = `${words.add}: ${visible(product.title)}`;
  const put = (variant) => carry(panel, button, [product.id, variant, 1], href);
  button.onclick = async () => {
    if (product.variant_id) return put(product.variant_id);
    const variants = await model.lookUp(`products/${encodeURIComponent(product.id)}`).then((found) => found.variants, () => []);
    const kinds = variants.filter((variant) => variant.in_stock !== false);
    if (kinds.length < 2) return put(kinds[0]?.id ?? null);
    const choice = make("select", { ariaLabel: words.choose }, make("option", { value: "" }, words.choose));
    for (const kind of kinds) {
      const label = Object.values(kind.options).map(visible).join(", ");
      choice.append(make("option", { value: kind.id }, kind.price === null ? label : `${label}: ${money(kind.price, product.currency, locale)}`));
    }
    choice.onchange = () => {
      place.replaceChildren(button);
      if (choice.value) put(choice.value);
    };
    place.replaceChildren(choice);
    choice.focus();
  };
  place.append(button);
  return place;
}

/** Let the page do it, and say on the button what came of it. */
async function carry({ words, announce }, button, what, href) {
  button.disabled = true;
  button.textContent = words.adding;
  const done = await putInCart(...what);
  if (done === null && href) return location.assign(href);
  button.disabled = Boolean(done);
  button.textContent = done ? words.added : words.refused;
  button.removeAttribute("aria-label");
  announce(button.textContent);
}

/** What the assistant proposes; nothing happens without the click, and the shop's own doings ask once more. */
export const proposals = (panel, found) =>
  found.map((proposal) => {
    const { make, words, model } = panel;
    const button = make("button", { type: "button", className: "plain strong", textContent: visible(proposal.label) });
    if (proposal.kind === "add_to_cart") {
      button.onclick = () => carry(panel, button, [proposal.product_id, proposal.variant_id, proposal.quantity ?? 1]);
      return make("div", "proposal", button);
    }
    button.hidden = proposal.state !== "open";
    button.onclick = () => {
      button.textContent = words.confirm;
      button.onclick = () => model.accept(proposal);
    };
    const state = proposal.state === "open" ? proposal.detail : proposal.detail || words[proposal.state] || words.refused;
    return make("div", "proposal", ...(button.hidden ? [make("b", "", visible(proposal.label)), " "] : [button]), visible(state));
  });
