// The desk's behaviour: clicks and keys become Gradio events that say where the agent is; what must outlive a drawing
// (what is typed, where the focus is, what is open) is kept here. Gradio writes the HTML; nothing here builds any.
"use strict";

window.desk = (() => {
  const PARTS = ["frame", "find", "queue", "head", "log", "draft", "composer", "side", "lead", "sheet", "told"];
  const DETACHED_PX = 80; // who has scrolled up further than this is reading
  const SEARCH_MS = 180;
  const live = window.deskLive;
  const place = { screen: "chats", view: "waiting", search: "", filters: {}, chat: null, state: "proposed", days: 30 };
  const typed = new Map(); // what stands in other fields, by id
  const unfolded = new Set(); // ids of details
  const translated = new Map(); // by message
  const roots = {};
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const box = () => $("#dk-box");
  const { mine, keep, write, empty, join, takeUp, showWriting, keepWritten } = window.deskWriting(() => place.chat);
  let trigger = () => {};
  let chosen = []; // products to compare
  let focused = null; // the id of what has the focus
  let stuck = true; // whether the transcript is read at its end
  let speaking = ""; // what the assistant is saying just now
  let due = null; // parts to draw, and when
  let sending = false;
  let wanted = null; // which sheet is to be over the page
  let searching;
  let lastSent = null; // the draft that the last message was made of
  let opened = null; // the chat whose transcript is on the page

  const ask = (data) => trigger("submit", { ...data, at: place });

  // ---------------------------------------------------------------------------------------------------- drawing

  function wire(element, given, watch) {
    const name = PARTS.find((part) => element.closest(`#dk-${part}`)?.id === `dk-${part}`);
    roots[name] = element;
    trigger = given;
    element.addEventListener("click", clicked);
    element.addEventListener("submit", submitted);
    element.addEventListener("toggle", unfold, true);
    element.addEventListener("input", changed);
    element.addEventListener("change", changed);
    watch("value", () => drawn(name, element));
    if (name === "composer") takeUp();
    if (Object.keys(roots).length === PARTS.length) start();
  }

  function start() {
    const chat = new URLSearchParams(location.search).get("conversation");
    document.body.dataset.screen = place.screen;
    document.body.dataset.pane = chat ? "chat" : "queue";
    place.chat = chat;
    live.listen({ changed: soon, event: happened, leaving: keepWritten });
    setTimeout(() => {
      ask({ do: "screen" });
      if (chat) ask({ do: "open" });
      live.follow(chat);
    }, 0);
  }

  // After Gradio drew a part: give back what the drawing took.
  function drawn(name, element) {
    for (const details of $$("details[id]", element)) if (unfolded.has(details.id)) details.open = true;
    for (const field of $$("input[id], textarea[id]", element)) if (typed.has(field.id)) field.value = typed.get(field.id);
    window.deskTimes.tell(element);
    if (name === "queue") tellCounts(element);
    if (name === "log") tellLog(element);
    if (name === "head") tellHead(element);
    if (name === "frame") tellFrame(element);
    if (name === "told") tell(element.firstElementChild);
    if (name === "sheet") showSheet(element);
    if (name === "draft") element.classList.remove("dk-busy");
    if (name === "lead") $(".dk-form input:not([value]), .dk-form input[value='']", element)?.focus();
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    showWriting();
  }

  function tellCounts(element) {
    const { unread, waiting } = $(".dk-views", element)?.dataset ?? {};
    if (unread !== undefined) live.count({ unread: Number(unread), waiting: Number(waiting) });
    place.view = $(".dk-views [aria-pressed=true]", element)?.dataset.view ?? place.view; // who takes a chat goes to theirs
    const row = document.activeElement?.closest(".dk-row");
    if (row && row.id !== focused) row.blur(); // another chat's, where the one that was chosen stood
  }

  function tellLog(element) {
    const lines = $(".dk-lines", element);
    const other = lines?.dataset.id !== opened;
    opened = lines?.dataset.id ?? null;
    for (const [id, text] of translated) showTranslation(id, text);
    if (speaking && !other) speak("");
    if (other) speaking = "";
    if (!lines) return;
    if (stuck || other) toEnd();
    grown.disconnect();
    grown.observe(lines);
    lines.addEventListener("scroll", () => (stuck = lines.scrollHeight - lines.scrollTop - lines.clientHeight < DETACHED_PX));
  }

  // A draft below takes room from the transcript.
  const grown = new ResizeObserver(() => stuck && toEnd());

  function toEnd() {
    const lines = $(".dk-lines");
    if (!lines) return;
    lines.scrollTop = lines.scrollHeight;
    stuck = true;
  }

  function tellHead(element) {
    const head = $(".dk-head", element);
    document.body.toggleAttribute("data-open", Boolean(head));
    document.body.dataset.mine = head?.dataset.mine ?? "0";
  }

  function tellFrame(element) {
    const { lang } = $(".dk-me", element) ?? document.documentElement;
    document.documentElement.lang = lang; // Gradio's script has set the browser's
    window.deskTimes.tell(document);
    tellSound();
  }

  function tellSound() {
    const button = $("[data-do=sound]");
    if (!button) return;
    button.setAttribute("aria-pressed", live.sounds());
    button.setAttribute("aria-label", live.sounds() ? button.dataset.on : button.dataset.off);
    button.title = button.getAttribute("aria-label");
  }

  // What is said once, at the foot of the page; and what the server sends along with it.
  function tell(toast) {
    if (!toast) return;
    const { number, chat, sent, seconds, restore, noted, insert, translated: message, text, stale } = toast.dataset;
    if (sent !== undefined || noted !== undefined) empty(chat);
    if (restore !== undefined && chat === place.chat && !box().value) {
      write(restore);
      if (document.querySelector(".dk-draft")?.dataset.id === lastSent) keep({ draft: lastSent });
    }
    if (insert !== undefined) write(join(box().value, insert));
    if (message !== undefined) showTranslation(message, text);
    if (stale !== undefined) setAside(toast);
    if (stale !== undefined || sent !== undefined) roots.draft.closest("#dk-draft").classList.toggle("dk-aged", stale !== undefined);
    sending = false;
    $("#dk-send")?.removeAttribute("disabled");
    roots.draft?.classList.remove("dk-busy");
    const lasts = seconds ? Number(seconds) * 1000 : stale !== undefined ? 12000 : 5000;
    toast.style.setProperty("--lasts", `${lasts}ms`);
    for (const running of toast.getAnimations({ subtree: true })) {
      running.cancel();
      running.play();
    }
    // Gradio draws the next one into the same element.
    setTimeout(() => toast.dataset.number === number && toast.remove(), lasts);
  }

  function showTranslation(message, text) {
    translated.set(message, text);
    const line = document.getElementById(`dk-line-${message}`);
    const note = $(".dk-translation", line ?? document.createElement("p"));
    if (!note) return;
    note.textContent = text;
    note.hidden = false;
  }

  // -------------------------------------------------------------------------------------------------- elsewhere

  // Draw parts again in a moment; what is asked for until then is drawn along.
  function soon(parts, ms) {
    const at = Date.now() + ms;
    if (due && due.at <= at) return void parts.forEach((part) => due.parts.add(part));
    clearTimeout(due?.timer);
    const all = new Set([...(due?.parts ?? []), ...parts]);
    due = { at, parts: all, timer: setTimeout(refresh, ms) };
  }

  function refresh() {
    const parts = [...(due?.parts ?? [])];
    due = null;
    if (place.screen === "chats") ask({ do: "refresh", parts, seen: !document.hidden && document.body.dataset.mine === "1" });
  }

  function happened(kind, data) {
    if (kind === "text") return speak(data.delta ?? "");
    if (kind !== "products" && kind !== "message") speaking = "";
    soon(["queue", "head"], 30);
  }

  function speak(delta) {
    speaking += delta;
    const note = $(".dk-typing");
    if (!note) return;
    note.textContent = speaking;
    note.hidden = !speaking;
    if (stuck) toEnd();
  }

  // ---------------------------------------------------------------------------------------------------- writing

  // A text that answered an older message stands aside, so that no second press sends it unread.
  function setAside(toast) {
    const { text } = mine();
    empty();
    if (text) toast.dataset.aside = text;
    else $("[data-do=put_back]", toast)?.remove();
  }

  function send(text, draft) {
    if (sending || !place.chat) return;
    sending = true;
    setTimeout(() => (sending = false), 8000);
    const key = mine().key ?? crypto.randomUUID();
    if (box().value) keep({ key });
    $("#dk-send").disabled = true;
    roots.draft?.classList.add("dk-busy");
    lastSent = draft;
    ask({ do: "send", text, key, draft, take: $(".dk-head")?.dataset.who === "waiting" });
  }

  function sendBox() {
    const text = box().value.trim();
    const { note, draft } = mine();
    if (text && note) return ask({ do: "save_note", text, key: "box" });
    if (text) return send(text, draft);
    const suggested = $(".dk-draft[data-id]");
    if (suggested && !note) send(suggested.dataset.text, suggested.dataset.id);
  }

  // ---------------------------------------------------------------------------------------------------- actions

  function open(id) {
    place.chat = id;
    stuck = true;
    speaking = "";
    translated.clear();
    roots.draft.closest("#dk-draft").classList.remove("dk-aged");
    document.body.dataset.pane = "chat";
    history.replaceState(null, "", id ? `?conversation=${encodeURIComponent(id)}` : location.pathname);
    for (const row of $$(".dk-row")) row.toggleAttribute("aria-current", row.dataset.id === id);
    for (const row of $$(".dk-row[aria-current]")) row.setAttribute("aria-current", "true");
    takeUp();
    ask({ do: "open" });
    live.follow(id);
  }

  function show(pane) {
    document.body.dataset.pane = pane;
    if (pane === "queue") (document.getElementById(`dk-row-${place.chat}`) ?? $(".dk-row"))?.focus();
  }

  function showSheet(element) {
    let sheet = $(".dk-sheet", element);
    if (sheet && sheet.dataset.kind !== wanted) {
      element.replaceChildren(); // it was put away before it came
      sheet = null;
    }
    document.body.toggleAttribute("data-sheet", Boolean(sheet));
    for (const name of ["frame", "find", "queue", "head", "log", "draft", "composer", "side", "lead"])
      if (roots[name]) roots[name].inert = Boolean(sheet);
    if (!sheet) return;
    if (!sheet.contains(document.activeElement)) (($("input, textarea, .dk-choice", sheet)) ?? $("button", sheet)).focus();
  }

  function dismiss() {
    clearTimeout(searching);
    wanted = null;
    typed.delete("dk-panel-search");
    chosen = [];
    roots.sheet.replaceChildren();
    showSheet(roots.sheet);
    if (place.chat && place.screen === "chats") box()?.focus();
  }

  const panel = (name) => () => {
    wanted = name;
    typed.delete("dk-panel-search");
    chosen = [];
    ask({ do: name, search: "", chosen });
  };

  const actions = {
    screen({ screen }) {
      Object.assign(place, { screen, before: null, edited: null });
      document.body.dataset.screen = screen;
      ask({ do: "screen" });
    },
    view({ view }) {
      place.view = view;
      ask({ do: "view" });
    },
    state({ state }) {
      place.state = state;
      ask({ do: "lead" });
    },
    days({ days }) {
      place.days = Number(days);
      ask({ do: "lead" });
    },
    older({ before }) {
      place.before = Number(before);
      ask({ do: "lead" });
    },
    canned_edit({ id }) {
      place.edited = id;
      ask({ do: "lead" });
    },
    canned_cancel() {
      place.edited = null;
      ask({ do: "lead" });
    },
    open: ({ id }) => open(id),
    peek: ({ id }) => open(id),
    back: () => show(document.body.dataset.pane === "side" ? "chat" : "queue"),
    side: () => show("side"),
    sound: tellSoundAfter,
    keys: panel("keys"),
    canned: panel("canned"),
    product: panel("product"),
    compare: panel("compare"),
    dismiss,
    edit({}, button) {
      const draft = button?.closest(".dk-draft") ?? $(".dk-draft[data-id]");
      if (!draft) return;
      keep({ draft: draft.dataset.id, note: false });
      write(draft.dataset.text);
      showWriting();
    },
    use({ id, text }) {
      keep({ draft: id, note: false });
      write(text);
      showWriting();
    },
    edit_stop() {
      keep({ draft: null });
      showWriting();
    },
    note() {
      keep({ note: !mine().note, draft: null });
      showWriting();
      box().focus();
    },
    send_draft: ({}, button) => {
      const { text, id } = (button?.closest(".dk-draft") ?? $(".dk-draft[data-id]")).dataset;
      send(text, id);
    },
    put_back: ({}, button) => write(button.closest(".dk-toast").dataset.aside),
    insert({ text }) {
      dismiss();
      write(join(box().value, text));
    },
    choose({ id }) {
      chosen = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-4);
      ask({ do: "compare", search: $("#dk-panel-search")?.value ?? "", chosen });
    },
    insert_product({ id }) {
      dismiss();
      ask({ do: "insert_product", id });
    },
    insert_table() {
      const ids = chosen;
      dismiss();
      ask({ do: "insert_table", chosen: ids });
    },
    withdraw: ({ message }) => ask({ do: "withdraw", message: Number(message) }),
    translate: ({ message }) => ask({ do: "translate", message: Number(message) }),
    teach({ message, question }) {
      wanted = "teach";
      ask({ do: "teach", message: message ? Number(message) : null, question });
    },
    draft({ kind, language }) {
      roots.draft.classList.add("dk-busy");
      ask({ do: "draft", kind, language });
    },
  };

  function tellSoundAfter() {
    live.toggleSound();
    tellSound();
  }

  function clicked(event) {
    const figure = event.target.closest(".dk-mark");
    if (figure) return placeRecord(figure);
    const button = event.target.closest("[data-do]");
    const menu = event.target.closest("details.dk-menu, details.dk-filters");
    for (const other of $$("details.dk-menu[open], details.dk-filters[open]")) if (other !== menu) other.open = false;
    const citation = event.target.closest("a.sk-cite");
    if (citation) {
      event.preventDefault();
      openSource(citation.hash.slice(1));
    }
    if (!button || button.disabled) return;
    if (button.closest("details.dk-menu")) button.closest("details.dk-menu").open = false;
    const { do: name, ...data } = button.dataset;
    if (actions[name]) actions[name](data, button);
    else ask({ do: name, ...data });
  }

  function openSource(id) {
    const source = document.getElementById(id);
    const details = source?.closest("details");
    if (!details) return;
    details.open = true;
    source.scrollIntoView({ block: "nearest" });
  }

  function submitted(event) {
    const form = event.target;
    if (form.method === "post") return;
    event.preventDefault();
    if (form.id === "dk-form") return sendBox();
    const fields = Object.fromEntries(new FormData(form));
    for (const field of $$("[id]", form)) typed.delete(field.id);
    if (form.dataset.form === "again") {
      form.closest("details").open = false;
      unfolded.delete(form.closest("details").id);
      roots.draft.classList.add("dk-busy");
      return ask({ do: "draft", kind: "again", instruction: fields.instruction });
    }
    if (form.dataset.form === "canned") place.edited = null;
    ask({ do: form.dataset.form, ...form.dataset, ...fields });
  }

  function unfold(event) {
    const { id, open: isOpen, classList } = event.target;
    if (isOpen && classList.contains("dk-again")) $("input", event.target).focus();
    if (!id) return;
    if (isOpen) unfolded.add(id);
    else unfolded.delete(id);
  }

  function changed(event) {
    const field = event.target;
    if (field.id === "dk-box") return keep({ text: field.value, key: null });
    if (field.dataset.filter) {
      place.filters = { ...place.filters, [field.dataset.filter]: field.value };
      field.closest("details").classList.toggle("dk-set", Object.values(place.filters).some(Boolean));
      return ask({ do: "view" });
    }
    if (field.id) typed.set(field.id, field.value);
    if (event.type !== "input" || field.type !== "search") return;
    clearTimeout(searching);
    searching = setTimeout(() => {
      if (field.id === "dk-search") {
        place.search = field.value;
        ask({ do: "view" });
      } else ask({ do: field.dataset.panel, search: field.value, chosen });
    }, SEARCH_MS);
  }

  // A figure's record stands beside it, wherever on the screen that is.
  function placeRecord(figure) {
    const record = $(".dk-record", figure);
    const at = figure.getBoundingClientRect();
    const width = Math.min(340, innerWidth - 24);
    record.style.width = `${width}px`;
    record.style.left = `${Math.max(12, Math.min(at.left, innerWidth - width - 12))}px`;
    record.style.bottom = `${innerHeight - at.top + 6}px`;
  }

  document.addEventListener("mouseover", (event) => {
    const figure = event.target.closest?.(".dk-mark");
    if (figure) placeRecord(figure);
  });

  document.addEventListener("focusin", (event) => {
    focused = event.target.id || null;
    if (event.target.matches(".dk-mark")) placeRecord(event.target);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#dk-sheet") && !event.target.closest(".dk-sheet") && event.target.isConnected) dismiss();
  });

  // ------------------------------------------------------------------------------------------------------- keys

  function move(by) {
    const rows = $$(".dk-row");
    if (!rows.length) return;
    const from = rows.findIndex((row) => row === document.activeElement);
    const current = from >= 0 ? from : rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, current + by))] ?? rows[0];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  const press = (selector) => () => $(selector)?.click();
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    t: press("#dk-head [data-do=take]"),
    h: press("#dk-head [data-do=hand_back]"),
    e: () => actions.edit({}),
    r: () => box()?.focus(),
    n: press("#dk-composer [data-do=note]"),
    c: press("#dk-composer [data-do=canned]"),
    p: press("#dk-composer [data-do=product]"),
    u: press(".dk-undo"),
    g() {
      const again = $("#dk-again");
      if (again) again.open = true;
    },
    "/": () => $("#dk-search")?.focus(),
    "?": () => actions.keys(),
  };

  function escape() {
    if ($(".dk-sheet")) return dismiss();
    const menu = $("details.dk-menu[open], details.dk-filters[open]");
    if (menu) {
      menu.open = false;
      return $("summary", menu).focus();
    }
    if (document.activeElement?.matches("input, textarea, select")) document.activeElement.blur();
    show(document.body.dataset.pane === "side" ? "chat" : "queue");
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") return escape();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && place.screen === "chats" && !$(".dk-sheet")) {
      event.preventDefault();
      return sendBox();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if ($(".dk-sheet") || (place.screen !== "chats" && event.key !== "?")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  return { wire };
})();
