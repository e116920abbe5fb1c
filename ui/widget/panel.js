/* The panel: what is said, drawn. In: the launcher's shell. Out: an element in its shadow root, and calls to the
   conversation. Everything is a node with text in it; nothing is ever parsed as HTML. */
import { cards, proposals } from "./cards.js";
import { Conversation } from "./conversation.js";
import { link, render, safeLink, visible } from "./markdown.js";
import words from "./words-en.js";

const SEND = "M4 12 20 4l-5 16-3-7z";
const STOP = "M7 7h10v10H7z";
const GOOD = "M7 11v9H4v-9zl4-8c2 0 3 1 2 3v3h6l-1 9-2 2H7";
const BAD = "M7 13V4H4v9zl4 8c2 0 3-1 2-3v-3h6l-1-9-2-2H7";
const FRESH = "M12 5v14M5 12h14";
const CLOSE = "M6 6l12 12M18 6 6 18";

export function mount(shell) {
  const { make, press, draw, root, base } = shell;
  const locale = shell.locale();
  const icon = (path, title, act) => Object.assign(press("icon", draw(path), act), { ariaLabel: title, title });
  const views = new Map(); // an entry -> its element, and what its parts were drawn from
  let unread = 0;
  let started = false;
  let begun = false; // whether what was said before is drawn
  let frame = 0;

  const name = make("strong", "");
  const who = make("span", "who");
  const trouble = make("p", { className: "notice", role: "status", hidden: true });
  const welcome = make("div", "welcome");
  const log = make("div", { className: "log", role: "log", ariaLive: "off", tabIndex: 0 }, welcome);
  const box = make("textarea", { rows: 1, maxLength: 4000, placeholder: words.hint, ariaLabel: words.box, dir: "auto" });
  const send = icon(SEND, words.send, null);
  const stop = icon(STOP, words.stop, () => model.stop());
  send.type = "submit";
  stop.hidden = true;
  const form = make("form", "write", box, send, stop);
  const spoken = make("p", { className: "hidden", role: "status" });
  const bar = make("header", "", make("div", "title", name, who), icon(FRESH, words.fresh, renew), icon(CLOSE, words.close, close));
  const panel = make("section", { className: "panel", role: "dialog", tabIndex: -1, hidden: true }, bar, trouble, log, form, spoken);
  const busy = () => Boolean(model.running) && model.who === "assistant";
  const announce = (text) => (spoken.textContent = text);
  const model = new Conversation(shell, changed);
  const view = { make, press, words, base, locale, model, announce };
  root.append(panel);

  function changed(said) {
    if (said) announce(visible(said.text || said.problem || said.handoff));
    if (said && panel.hidden) shell.unread((unread += 1));
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      paint();
    });
  }

  function paint() {
    const { entries, shop } = model;
    name.textContent = log.ariaLabel = panel.ariaLabel = visible(shop?.name);
    who.textContent = words[model.who].replace("{}", model.name ?? words.team);
    panel.dataset.who = model.who;
    trouble.hidden = !model.trouble;
    if (model.trouble) trouble.textContent = words[model.trouble];
    send.hidden = busy();
    stop.hidden = !busy();
    log.ariaBusy = String(busy());
    part(welcome, "all", entries.length || !shop ? "" : shop, greet);
    for (const [entry, element] of views) {
      if (entries.includes(entry)) continue;
      element.remove();
      views.delete(entry);
    }
    let seen = null; // what is new and to be read first
    entries.forEach((entry, n) => {
      const speaker = { shopper: words.you, agent: entry.name ?? words.team }[entry.role] ?? name.textContent;
      if (!views.has(entry)) views.set(entry, make("article", { className: entry.role, ariaLabel: speaker }));
      const element = views.get(entry);
      if (log.children[n + 1] !== element) {
        log.insertBefore(element, log.children[n + 1] ?? null);
        if (entry.key || entry.role === "agent" || !begun) seen = entry.role === "assistant" ? seen : element;
      }
      if (entry.role === "shopper") part(element, "said", entry.text, (text) => [make("p", { className: "bubble", dir: "auto" }, visible(text))]);
      else reply(element, entry, entry === entries.at(-1), speaker);
    });
    if (seen) log.scrollTop = seen.offsetTop - 8;
    begun ||= entries.length > 0;
  }

  /** Draw a part of an element anew only where what it shows is new: focus, open sources and pictures stay. */
  function part(element, key, from, build) {
    const slots = (element.slots ??= {});
    const state = JSON.stringify(from) ?? "";
    if (slots[key]?.state === state) return;
    slots[key] ??= { place: element.appendChild(make("div", key)) };
    slots[key].state = state;
    slots[key].place.replaceChildren(...(from && from.length !== 0 ? build(from) : []));
  }

  function greet({ greeting, openers }) {
    return [make("h2", "", visible(greeting) || words.hello), make("p", "fine", words.note), ...choices(openers, words.openers)];
  }

  function choices(texts, label) {
    const item = (text) => make("li", "", press("plain", visible(text), () => say(text)));
    return texts?.length ? [make("ul", { className: "choices", ariaLabel: label }, ...texts.map(item))] : [];
  }

  function reply(element, entry, newest, speaker) {
    const ended = !entry.open;
    const { text, products, citations, vote } = entry;
    const byPerson = entry.role === "agent";
    part(element, "label", byPerson && (entry.withdrawn ? words.withdrawn.replace("{}", speaker) : speaker), (name) => [make("b", "", name)]);
    part(element, "status", ended || text ? "" : entry.status || words.thinking, (status) => [make("i", "dots"), visible(status)]);
    part(element, "prose", text && [text, citations], () => [render(text, make, (n) => cite(element, entry, n))]);
    part(element, "stopped", entry.state === "stopped" && words.stopped, (note) => [note]);
    part(element, "problem", entry.state === "failed" && [entry.problem], ([problem]) => [
      make("p", { role: "alert" }, visible(problem) || words.failed),
      ...(entry.retry && newest ? [press("plain", words.again, () => model.send(entry.question.text, entry))] : []),
    ]);
    part(element, "products", products, () => cards(view, products));
    part(element, "proposals", entry.proposals, (found) => proposals(view, found));
    part(element, "handoff", entry.handoff, (reason) => [make("b", "", text ? words.person : words.waiting), make("p", "", visible(reason))]);
    part(element, "sources", ended && citations, () => [make("h3", "", words.sources), ...citations.map(source)]);
    part(element, "note", ended && entry.fallback && words.records, (note) => [note]);
    part(element, "tools", ended && !byPerson && entry.id && [vote ?? ""], () => [
      thumb(entry, "up", GOOD, words.good),
      thumb(entry, "down", BAD, words.bad),
    ]);
    part(element, "next", ended && newest && entry.suggestions, (texts) => choices(texts, words.next));
  }

  function cite(element, { citations }, n) {
    const found = citations?.find((citation) => citation.n === n);
    if (!found) return citations ? null : make("sup", "", n);
    const label = `${words.sources} ${n}: ${visible(found.title)}`;
    const open = () => {
      const details = element.querySelector(`#source-${n}`);
      if (details) details.open = true;
      details?.firstChild.focus();
    };
    return Object.assign(press("cite", n, open), { ariaLabel: label, title: label });
  }

  function source({ n, title, quote, url }) {
    const head = make("summary", "", make("b", "", n), make("span", "", visible(title)));
    const more = safeLink(url) ? link(safeLink(url), make, words.more) : "";
    return make("details", { id: `source-${n}` }, head, make("blockquote", { dir: "auto" }, visible(quote)), more);
  }

  function thumb(entry, vote, path, label) {
    const button = icon(path, label, () => model.vote(entry, vote));
    button.ariaPressed = String(entry.vote === vote);
    return button;
  }

  const say = (text) => {
    box.focus();
    model.send(text);
  };

  function renew() {
    model.reset(true);
    box.focus();
  }

  function begin() {
    started = true;
    begun = false;
    model.start();
  }

  function open(text, quietly) {
    model.idle = panel.hidden = false;
    if (started) model.resume();
    else begin();
    panel.ariaModal = String(innerWidth <= 600);
    shell.opened(true);
    shell.unread((unread = 0));
    if (text) box.value = text;
    if (!quietly) box.focus({ preventScroll: true });
  }

  function close() {
    const focused = panel.contains(root.getRootNode().activeElement);
    model.idle = panel.hidden = true;
    shell.opened(false, focused);
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    if (busy() || !box.value.trim()) return;
    say(box.value);
    box.value = "";
  };
  box.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    form.requestSubmit();
  };
  panel.onkeydown = (event) => {
    if (event.key === "Escape" && !event.isComposing) close();
    else if (event.key !== "Tab") return;
    const all = [...panel.querySelectorAll("a, button, textarea, select, summary, [tabindex='0']")].filter((one) => one.checkVisibility() && !one.disabled);
    const at = root.getRootNode().activeElement;
    const [from, to] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (event.key !== "Tab" || (at !== from && at !== panel)) return;
    event.preventDefault();
    to.focus();
  };
  for (const kind of ["keypress", "keyup", "keydown"]) panel.addEventListener(kind, (event) => event.stopPropagation()); // no shortcuts of the page

  return {
    open,
    close,
    pause: () => model.pause(),
    resume: () => (model.shop ? model.resume() : started && begin()),
    /** The shopper is another one, or nobody. */
    turn() {
      model.reset();
      announce((box.value = ""));
      started = false;
      if (!panel.hidden) begin();
    },
  };
}
