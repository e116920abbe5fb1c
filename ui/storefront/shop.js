/* The demo storefront: grid, product, cart and sign-in of a made-up shop, in one page that changes without being loaded.
   In: the shop's own records over the assistant's API. Out: nodes, and answers to the widget's events, as any shop gives
   them. It also shows what a shop has to do for the widget: three listeners and one function. */
import { wordsOf } from "./words.js";

const { currency, shop } = document.body.dataset;
const locale = document.documentElement.lang;
const words = wordsOf(locale);
const main = document.querySelector("main");
const nav = document.querySelector("nav");
const search = document.querySelector(".search");
const toast = document.querySelector(".toast");
const CART = `shopkeeper-demo-cart:${shop}`;
const CUSTOMER = `shopkeeper-demo-customer:${shop}`;
let everything = null;

const make = (tag, given, ...inside) => {
  const element = Object.assign(document.createElement(tag), typeof given === "string" ? { className: given } : given);
  element.append(...inside);
  return element;
};
const press = (className, text, onclick) => make("button", { type: "button", className, onclick }, text);
const address = (path = "") => `/shop${path}`;
const money = (amount) => {
  const cents = currency === "CNY" ? "stripIfInteger" : "auto";
  const style = currency ? { style: "currency", currency, currencyDisplay: "narrowSymbol", trailingZeroDisplay: cents } : {};
  return new Intl.NumberFormat(locale, style).format(amount);
};
const say = (text) => {
  toast.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (toast.textContent = ""), 4000);
};
const read = (key, none) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? none;
  } catch {
    return none;
  }
};
const write = (key, value) => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* kept for this page alone */
  }
};

/** The JSON of the shop; while it is being opened, asked for again. */
async function ask(path, options) {
  for (;;) {
    const answer = await fetch(path, options);
    if (answer.ok) return answer.json();
    if (answer.status !== 503) throw new Error(String(answer.status));
    await new Promise((go) => setTimeout(go, 1500));
  }
}

// The cart: lines of { product, variant, quantity } with what is shown of them.

let cart = read(CART, []);

function kept() {
  write(CART, cart);
  drawNav();
}

async function add(product_id, variant_id, quantity = 1) {
  const { product, variants } = await ask(`/v1/products/${encodeURIComponent(product_id)}`);
  const variant = variants.find(({ id }) => id === variant_id);
  if (variants.length && !variant) throw new Error("which variant?");
  const line = cart.find((one) => one.product === product_id && one.variant === variant_id);
  if (line) line.quantity += quantity;
  else {
    const { title, image } = product;
    const options = Object.values(variant?.options ?? {}).join(", ");
    cart.push({ product: product_id, variant: variant_id, quantity, title, image, options, price: variant?.price ?? product.price });
  }
  kept();
  say(words.added(product.title));
}

// Pages.

function picture(card) {
  return make("img", { src: card.image, alt: "", loading: "lazy", width: 400, height: 300 });
}

function priced({ price, price_max, list_price }) {
  const element = make("p", "price", price === null ? words.unpriced : money(price) + (price_max ? ` – ${money(price_max)}` : ""));
  if (list_price) element.append(make("s", "", money(list_price)));
  return element;
}

const rated = ({ rating, review_count }) =>
  rating ? [make("p", { className: "small", role: "img", ariaLabel: words.rated(Number(rating)) }, `★ ${Number(rating)} (${review_count ?? 0})`)] : [];

const stock = (in_stock) => make("p", in_stock ? "small in" : "small out", in_stock === null ? "" : in_stock ? words.instock : words.sold);

function item(card) {
  const link = make("a", { href: address(`/p/${encodeURIComponent(card.id)}`) }, card.title);
  return make("li", "item", picture(card), make("div", "", make("h2", "", link), priced(card), ...rated(card)));
}

async function grid(params) {
  const wanted = params.get("q");
  const department = params.get("d");
  search.q.value = wanted ?? "";
  everything ??= (await ask("/v1/products?k=200")).products;
  let cards = everything;
  if (wanted) cards = (await ask(`/v1/products?k=24&q=${encodeURIComponent(wanted)}`)).products;
  if (department) cards = cards.filter(({ category }) => category[0] === department);
  const names = [...new Set(everything.map(({ category }) => category[0]).filter(Boolean))];
  const chip = (name, href, current) => make("a", { className: "pill", href, ariaCurrent: current ? "page" : null }, name);
  const hero = make(
    "section", "hero",
    make("h1", "", words.hero),
    make("p", "", words.lead),
    make("div", "row", press("pill strong", words.ask, () => widget("open"))),
  );
  return [
    ...(wanted || department ? [make("h1", "", wanted ? words.found(wanted) : department)] : [hero]),
    make("nav", { className: "row departments", ariaLabel: words.departments }, chip(words.all, address(), !department && !wanted),
      ...names.map((name) => chip(name, address(`?d=${encodeURIComponent(name)}`), name === department))),
    make("p", "count", words.count(cards.length)),
    make("ul", "grid", ...cards.map(item)),
  ];
}

async function page(id) {
  const { product, description, brand, attributes, variants } = await ask(`/v1/products/${encodeURIComponent(id)}`);
  widget("setProduct", id);
  const refresh = [];
  const chosen = { variant: variants.find(({ in_stock }) => in_stock !== false) ?? variants[0] };
  const figures = make("div", "");
  const button = press("pill strong", words.add, () => add(id, chosen.variant?.id ?? null));
  const update = () => {
    const { variant } = chosen;
    figures.replaceChildren(priced(variant ? { ...variant, price_max: null } : product), stock(variant ? variant.in_stock : product.in_stock));
    button.disabled = (variant ?? product).in_stock === false;
  };
  const choices = [...new Set(variants.flatMap(({ options }) => Object.keys(options)))].map((name) => {
    const values = [...new Set(variants.map(({ options }) => options[name]).filter(Boolean))];
    const pills = values.map((value) => {
      const pill = press("pill", value, () => {
        const wish = { ...chosen.variant.options, [name]: value };
        const fits = (one) => Object.entries(one.options).filter(([key, is]) => wish[key] === is).length;
        chosen.variant = variants.filter(({ options }) => options[name] === value).sort((a, b) => fits(b) - fits(a))[0];
        refresh.forEach((act) => act());
        update();
      });
      refresh.push(() => (pill.ariaPressed = String(chosen.variant.options[name] === value)));
      return pill;
    });
    return make("fieldset", "", make("legend", "", name), make("div", "row", ...pills));
  });
  refresh.forEach((act) => act());
  update();
  const rows = Object.entries(attributes).map(([name, value]) => make("tr", "", make("th", { scope: "row" }, name), make("td", "", value)));
  const question = press("pill", words.askAbout, () => widget("open", words.question));
  document.title = product.title;
  return [
    make("p", "small", make("a", { href: address() }, words.all), ...product.category.slice(0, 1).flatMap((name) => [" › ", make("a", { href: address(`?d=${encodeURIComponent(name)}`) }, name)])),
    make("div", "product", make("div", "large", picture(product)),
      make("div", "about", make("p", "small", brand ?? ""), make("h1", "", product.title), ...rated(product), figures, ...choices,
        make("div", "row", button, question), make("p", "", description ?? ""), make("table", "", ...rows))),
  ];
}

function basket() {
  if (!cart.length) return [make("div", "empty", make("h1", "", words.cart), make("p", "", words.empty), make("p", "", make("a", { href: address() }, words.all)))];
  const total = cart.reduce((sum, { price, quantity }) => sum + Number(price ?? 0) * quantity, 0);
  const change = (line, by) => () => {
    line.quantity += by;
    cart = cart.filter(({ quantity }) => quantity > 0);
    kept();
    show();
  };
  const lines = cart.map((line) =>
    make("li", "line", make("img", { src: line.image, alt: "" }),
      make("div", "", make("a", { href: address(`/p/${encodeURIComponent(line.product)}`) }, line.title), make("p", "small", line.options)),
      make("div", "row",
        Object.assign(press("pill", "−", change(line, -1)), { ariaLabel: `${words.less}: ${line.title}` }),
        make("span", "", line.quantity),
        Object.assign(press("pill", "+", change(line, 1)), { ariaLabel: `${words.more}: ${line.title}` }),
        make("span", "price", line.price === null ? words.unpriced : money(Number(line.price) * line.quantity)))),
  );
  return [make("h1", "", words.cart), make("ul", "lines", ...lines), make("p", "total", make("span", "", words.total), make("b", "price", money(total))),
    press("pill strong", words.checkout, () => say(words.noCheckout))];
}

// Signing in: what a shop's own account does, and what it tells the widget.

let customer = read(CUSTOMER, null);

/** The shop's word for who this is, signed by the shop's server and good for minutes. */
async function token() {
  const body = JSON.stringify({ customer });
  return (await ask("/shop/sign-in", { method: "POST", headers: { "content-type": "application/json" }, body })).token;
}

const widget = (...call) => (window.Shopkeeper ??= []).push(call);

function signedIn(id) {
  customer = id;
  write(CUSTOMER, id);
  if (id) widget("identify", token);
  else widget("logout");
  drawNav();
}

async function signIn() {
  const { customers } = await ask("/shop/customers");
  const choose = ({ id, orders }) => make("li", "", make("button", { type: "button", className: "pill", onclick: () => (dialog.close(), signedIn(id)) }, make("span", "", id), make("span", "small", words.orders(orders))));
  const dialog = make("dialog", { ariaLabel: words.signIn, onclose: () => dialog.remove() },
    make("h2", "", words.signIn), make("p", "small", words.signInNote), make("ul", "", ...customers.map(choose)), press("pill", words.cancel, () => dialog.close()));
  document.body.append(dialog);
  dialog.showModal();
}

function drawNav() {
  const count = cart.reduce((sum, { quantity }) => sum + quantity, 0);
  nav.replaceChildren(
    customer ? press("pill", words.signOut(customer), () => signedIn(null)) : press("pill", words.signIn, signIn),
    make("a", { className: "pill", href: address("/cart") }, words.cart, make("b", "", count)),
  );
}

// One page that changes: addresses are real, and open the same when loaded.

async function show() {
  const path = decodeURIComponent(location.pathname.slice(address().length));
  document.title = document.querySelector(".brand").textContent;
  if (!path.startsWith("/p/")) widget("setProduct", null);
  try {
    const made = path.startsWith("/p/") ? await page(path.slice(3)) : path === "/cart" ? basket() : await grid(new URLSearchParams(location.search));
    main.replaceChildren(...made);
  } catch {
    main.replaceChildren(make("div", "empty", make("h1", "", words.away), press("pill", words.again, show)));
  }
}

function go(href) {
  history.pushState(null, "", href);
  scrollTo(0, 0);
  show().then(() => main.focus({ preventScroll: true }));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || link.target || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(address()) || url.hash) return;
  event.preventDefault();
  go(url.href);
});
search.addEventListener("submit", (event) => {
  event.preventDefault();
  go(address(search.q.value.trim() ? `?q=${encodeURIComponent(search.q.value.trim())}` : ""));
});
addEventListener("popstate", show);
addEventListener("storage", (event) => {
  if (event.key === CART) cart = read(CART, []);
  if (event.key === CUSTOMER) customer = read(CUSTOMER, null);
  drawNav();
});

// What the widget asks of a page, and what this one answers.

addEventListener("shopkeeper:add-to-cart", (event) => {
  const { product_id, variant_id, quantity, accept } = event.detail;
  event.preventDefault();
  accept(add(product_id, variant_id, quantity));
});
addEventListener("shopkeeper:viewed-product", (event) => {
  event.preventDefault();
  go(address(`/p/${encodeURIComponent(event.detail.product_id)}`));
});
if (customer) widget("identify", token);

search.q.placeholder = search.q.ariaLabel = words.search;
document.querySelector("footer").textContent = words.footer;
drawNav();
show();
