/* The launcher of the shop assistant: a button in a shadow root, and window.Shopkeeper. The panel is loaded when it is
   first wanted. In: the attributes of its own script tag, calls of the page. Out: an element <shopkeeper-widget>.
   It knows no message. Nothing here may throw into the page, and nothing is taken from another host. */
(() => {
  "use strict";

  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  const waiting = window.Shopkeeper; // absent, an array of calls made before this file came, or a widget that is there
  const able = "adoptedStyleSheets" in Document.prototype && CSS.supports("color", "light-dark(red, red)");
  if (!script || !able || (waiting && !Array.isArray(waiting))) return;

  const given = { ...script.dataset };
  const base = new URL(".", script.src).href;
  const address = location.pathname; // the page that the script tag was written for
  const name = `shopkeeper:${base}`;
  const WORDS = {
    en: { ask: "Chat with us", unread: "new", failed: "The chat cannot be reached right now.", again: "Try again" },
    zh: { ask: "在线咨询", unread: "条新消息", failed: "暂时连接不上客服。", again: "重试" },
  };
  const STYLE = `
    :host { all: initial; }
    .sk { color-scheme: light dark; --accent: var(--shopkeeper-accent, light-dark(#0f6b5c, #58c2ab));
      --on-accent: var(--shopkeeper-on-accent, light-dark(#fff, #06231d)); --focus: light-dark(#0b57d0, #8ab8ff);
      --surface: var(--shopkeeper-surface, light-dark(#fff, #201f1c)); --ink: var(--shopkeeper-ink, light-dark(#211f1b, #f1eee8));
      --gap: var(--shopkeeper-gap, 20px); --layer: var(--shopkeeper-layer, 2147483000);
      font: 16px/1.5 var(--shopkeeper-font, system-ui, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei",
        "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif); color: var(--ink); }
    .sk[data-theme="light"] { color-scheme: light; }
    .sk[data-theme="dark"] { color-scheme: dark; }
    [hidden] { display: none !important; }
    .launch, .trouble { position: fixed; z-index: var(--layer); inset-block-end: var(--gap); inset-inline-end: var(--gap); }
    .sk[data-position="start"] :is(.launch, .trouble) { inset-inline: var(--gap) auto; }
    .launch { display: flex; align-items: center; gap: 10px; box-sizing: border-box; min-width: 56px; height: 56px;
      padding: 0 16px; border: 0; border-radius: 28px; background: var(--accent); color: var(--on-accent); font: inherit;
      font-weight: 600; cursor: pointer; box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 24px rgb(0 0 0 / 16%);
      transition: transform .15s; }
    .launch:hover { transform: translateY(-2px); }
    .launch svg { width: 24px; height: 24px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .launch[aria-busy="true"] svg { animation: sk-breathe 1s infinite alternate; }
    .unread { position: absolute; inset-block-start: -4px; inset-inline-end: -2px; min-width: 22px; border-radius: 11px;
      background: #b3261e; color: #fff; font-size: 13px; line-height: 22px; text-align: center; }
    .trouble { inset-block-end: calc(var(--gap) + 68px) !important; max-width: 260px; margin: 0; padding: 12px 16px;
      border-radius: 14px; background: var(--surface); font-size: 14px; box-shadow: 0 8px 30px rgb(0 0 0 / 22%); }
    .trouble button { display: block; margin: 8px 0 0; padding: 6px 14px; border: 1px solid; border-radius: 99px;
      background: none; color: inherit; font: inherit; cursor: pointer; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    @keyframes sk-breathe { to { opacity: .35; } }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
    @media print { :host { display: none; } }`;

  /** A storage of the page's, or one that lasts as long as the page where the browser forbids it. */
  const keep = (kind) => {
    let memory = {};
    return {
      get() {
        try {
          return JSON.parse(window[kind].getItem(name)) ?? memory;
        } catch {
          return memory;
        }
      },
      set(changes) {
        memory = changes && { ...this.get(), ...changes };
        try {
          memory ? window[kind].setItem(name, JSON.stringify(memory)) : window[kind].removeItem(name);
        } catch {
          // Forbidden or full: kept in memory.
        }
        memory ??= {};
      },
    };
  };

  /** An element with its class, or with several properties, and what is inside it. Text stays text. */
  const make = (tag, given, ...inside) => {
    const element = Object.assign(document.createElement(tag), typeof given === "string" ? { className: given } : given);
    element.append(...inside);
    return element;
  };
  const sheet = (css) => {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  };
  const draw = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.ariaHidden = "true";
    svg.append(document.createElementNS(svg.namespaceURI, "path"));
    svg.firstChild.setAttribute("d", path);
    return svg;
  };
  /** A button. What goes wrong with a click is told in the panel or leaves things as they are, and is none of the page's. */
  const press = (className, inside, act) => {
    const onclick = async () => act?.();
    return make("button", { type: "button", className, onclick: () => onclick().catch(() => {}) }, inside);
  };
  const locale = () => (given.locale || document.documentElement.lang || navigator.language || "en").replaceAll("_", "-");
  const language = () => (/^zh/i.test(locale()) ? "zh" : "en");
  const words = () => WORDS[language()];

  /** What the server answered instead, or `status` 0 where nothing came back. `after` is in seconds. */
  class Problem extends Error {
    constructor(status, detail, after) {
      super(status);
      Object.assign(this, { status, detail, after });
      this.passes = status === 0 || status === 429 || status >= 500; // the same may go through later
    }
  }

  /** One request: the JSON of its answer, null where there is none, or with `stream` the answer itself. */
  async function ask(method, path, { body, token, signal, stream, headers, keepalive } = {}) {
    headers = { ...headers, accept: stream ? "text/event-stream" : "application/json" };
    if (token) headers.authorization = `Bearer ${token}`;
    if (body) headers["content-type"] = "application/json";
    const options = { method, signal, headers, keepalive, body: body && JSON.stringify(body), credentials: "omit", cache: "no-store" };
    const answer = await fetch(`${base}v1/${path}`, options).catch((error) => {
      throw signal?.aborted ? error : new Problem(0);
    });
    if (answer.ok) return stream ? answer : answer.status === 204 ? null : answer.json();
    const said = await answer.json().catch(() => ({}));
    throw new Problem(answer.status, said.detail, answer.headers.get("retry-after"));
  }

  const host = document.createElement("shopkeeper-widget");
  const shadow = host.attachShadow({ mode: "open" });
  const root = make("div", "sk");
  const label = make("span", "label");
  const unread = make("span", "unread");
  const launch = make(
    "button",
    { className: "launch", type: "button", ariaHasPopup: "dialog", ariaExpanded: "false" },
    draw("M4 5h16v11H10l-5 4v-4H4z M8 9h8 M8 12h5"), label, unread,
  );
  const again = press("", "", () => open());
  const trouble = make("div", { className: "trouble", role: "alert", hidden: true });
  const local = keep("localStorage");
  const session = keep("sessionStorage");
  const leaving = new AbortController(); // ends every listener that `destroy` must not leave behind
  let product = given.productId ?? null;
  let stays = false; // whether the product was set by a call, and so outlasts a change of the page
  let loading = null;
  let panel = null;
  let failures = 0;
  let shown = false; // what was last wished for, whether or not the panel is there yet
  let identity = null;

  /** Whom a JWT names, to see whether it is the shopper whose session we have; the server checks it, not we. */
  function subject(token) {
    try {
      return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub;
    } catch {
      return "";
    }
  }

  /** Exchange the shop's word for who this is, and take over what the guest said. Without it there is a guest. */
  async function signIn() {
    const given = identity;
    const token = typeof given === "function" ? await given() : given;
    if (given !== identity) return; // meanwhile the shopper is another one, or signed out
    const kept = session.get();
    const shopper = subject(token);
    if (token && kept.token && kept.shopper === shopper && Date.parse(kept.expires_at) > Date.now()) return;
    session.set({ token: "", id: "", fresh: false });
    if (!token) return;
    const opened = await ask("POST", "sessions", { token, body: {} }).catch((problem) => {
      if (problem.passes) throw problem;
      return {}; // refused: a guest
    });
    if (given !== identity) return;
    session.set({ token: opened.token, expires_at: opened.expires_at, shopper });
    const { id, secret } = local.get();
    if (!opened.token || !secret) return;
    local.set({ id: "", secret: "" });
    await ask("POST", `conversations/${id}/claim`, { token: opened.token, body: { secret } }).then(() => session.set({ id }), () => {});
  }

  const shell = {
    base, root, local, session, make, press, draw, locale, ask, Problem,
    signIn,
    product: () => (stays || location.pathname === address ? product : null) ?? document.body.dataset.productId ?? null,
    unread: (count) => {
      unread.hidden = !count;
      unread.textContent = count > 9 ? "9+" : count;
      launch.ariaLabel = (given.label || words().ask) + (count ? `, ${count} ${words().unread}` : "");
    },
    opened: (open, focused) => {
      shown = open;
      launch.ariaExpanded = String(open);
      launch.hidden = open;
      session.set({ open });
      if (focused) launch.focus({ preventScroll: true });
    },
  };

  function dress() {
    root.lang = locale();
    root.dir = getComputedStyle(document.documentElement).direction;
    root.dataset.theme = given.theme ?? "auto";
    root.dataset.position = given.position ?? "end";
    label.textContent = given.label ?? "";
    label.hidden = !given.label;
    again.textContent = words().again;
  }

  /** Panel and style sheet, loaded once; a failure may be tried again. */
  const load = () =>
    (loading ??= (async () => {
      const tail = failures ? `?again=${failures}` : ""; // a browser may remember that a module did not come
      const [module, css] = await Promise.all([
        import(`${base}widget/panel.${language()}.js${tail}`),
        fetch(`${base}widget/panel.css`, { credentials: "omit" }).then((answer) => {
          if (!answer.ok) throw new Error(answer.statusText);
          return answer.text();
        }),
      ]);
      if (leaving.signal.aborted) return null;
      shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet(css)];
      panel = module.mount(shell);
      return panel;
    })().catch((error) => {
      loading = null;
      failures += 1;
      throw error;
    }));

  async function open(text, quietly) {
    shown = true;
    trouble.hidden = true;
    launch.ariaBusy = "true";
    try {
      const there = await load();
      if (shown) there?.open(text, quietly);
    } catch (error) {
      console.warn("shopkeeper:", error);
      trouble.replaceChildren(words().failed, again);
      trouble.hidden = !shown;
    } finally {
      launch.ariaBusy = "false";
    }
  }

  function close() {
    shown = false;
    panel?.close();
  }

  function forget() {
    identity = null;
    session.set({ token: "", id: "", shopper: "" });
    shell.unread(0);
    panel?.turn();
  }

  const api = {
    open: (text) => void open(text),
    close,
    /** Who the shopper is: a JWT that the shop signed, or a function that returns one or promises it. */
    identify(token) {
      identity = token;
      panel?.turn();
    },
    /** Forget the shopper, on this device and on the server, and empty the panel. */
    logout() {
      const { token } = session.get();
      local.set(null);
      local.set({ out: Date.now() }); // other windows of the shop see it
      forget();
      if (token) ask("DELETE", "sessions/current", { token, keepalive: true }).catch(() => {});
    },
    setProduct(id) {
      product = id == null ? null : String(id);
      stays = true;
    },
    destroy() {
      panel?.pause();
      leaving.abort();
      watch.disconnect();
      host.remove();
      delete window.Shopkeeper;
    },
    /** A call by name, as pages make it that do not wait for this file: ["identify", …]. */
    push: ([call, ...values]) => api[call]?.(...values),
  };

  const on = (target, kind, act) => target.addEventListener(kind, act, { signal: leaving.signal });
  on(launch, "click", () => (shown && !panel ? close() : open()));
  on(launch, "pointerenter", () => load().catch(() => {}));
  on(window, "pagehide", () => panel?.pause());
  on(window, "pageshow", (event) => event.persisted && panel?.resume());
  // Another window logged out, or went on with the conversation.
  on(window, "storage", (event) => {
    if (event.key !== name) return;
    const [was, is] = [event.oldValue, event.newValue].map((json) => JSON.parse(json || "{}"));
    if (is.out && is.out !== was.out) forget();
    else if (is.id !== was.id) panel?.turn();
    else panel?.resume();
  });

  // A page that changes without being loaded may throw our element away; a page that fights for it wins.
  let returns = 20;
  const watch = new MutationObserver(() => {
    if (host.isConnected || !document.body || returns-- <= 0) return;
    document.body.append(host);
    look();
  });
  const look = () => [document.documentElement, document.body].forEach((node) => watch.observe(node, { childList: true }));

  function start() {
    shadow.adoptedStyleSheets = [sheet(STYLE)];
    dress();
    shell.unread(0);
    root.append(launch, trouble);
    shadow.append(root);
    document.body.append(host);
    look();
    window.Shopkeeper = api;
    for (const call of waiting ?? []) api.push(call);
    window.dispatchEvent(new CustomEvent("shopkeeper:ready"));
    if (session.get().open && innerWidth > 600) open("", true);
    else if (local.get().live) load().catch(() => {}); // a person may have answered meanwhile
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
})();
