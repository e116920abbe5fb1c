// The chat page's behaviour: clicks and keys become Gradio events, and what the page must remember while Gradio draws
// it anew (open sources, the place to read on). Gradio writes the HTML; nothing here builds any.
"use strict";

window.shopkeeper = (() => {
  const SETTLE_MS = 80;
  const LOOK_AGAIN_MS = 1500;
  const UNHEARD_MS = 100; // after which a stream that is not open will not be
  const DRAFT = "sk-draft"; // what stood in the message box when the page was loaded again
  const UNREAD = "● "; // before the title where a person has written and nobody looks
  const CAUGHT_UP = "sk-caught-up"; // the last message for which it was
  const openSources = new Set();
  let newest; // the number of the message that was last brought to the top
  let labelled = document.documentElement.lang; // the language of the labels and buttons
  let past; // the element that holds the turns above the last one
  let settled = null; // a copy of the last turn as it goes above when the next one is drawn in its place

  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const scrollTo = (element, block) => element.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });
  const box = () => document.querySelector("#sk-box textarea");
  const reach = window.fetch.bind(window);
  const complain = console.error.bind(console);
  let away = false; // whether the shop cannot be reached

  // Gradio's script asks the server through here. What cannot reach it: the shop is away, and looked for.
  window.fetch = async (...request) => {
    const [address] = String(request[0]?.url ?? request[0]).split("?");
    const streams = address.endsWith("/queue/data");
    if (streams) openStreams += 1;
    session = /[?&]session_hash=([\w-]+)/.exec(String(request[0]?.url ?? request[0]))?.[1] ?? session;
    try {
      const answer = await reach(...request);
      if (streams) overhear(answer.clone());
      if (address.endsWith("/queue/join")) expectNews(answer.clone());
      return answer;
    } catch (error) {
      if (streams) openStreams -= 1;
      if (error instanceof TypeError && console.error !== quiet) waitForShop();
      throw error;
    }
  };

  // The server ends the stream of events when nothing is under way. Gradio's script may ask for something just then,
  // take the stream for open still, and never hear of it. An event of ours makes it open another stream.
  const unheard = new Set(); // ids of what was asked for
  let openStreams = 0;
  let nudge = () => {};

  async function expectNews(answer) {
    const { event_id: id } = await answer.json().catch(() => ({}));
    if (id) unheard.add(id);
    lookForStream();
  }

  async function overhear(answer) {
    const decoder = new TextDecoder();
    const reader = answer.body.getReader();
    const next = () => reader.read().catch(() => ({ done: true })); // who leaves breaks it off
    for (let part = await next(); !part.done; part = await next()) {
      const said = decoder.decode(part.value, { stream: true });
      for (const id of unheard) if (said.includes(id)) unheard.delete(id);
    }
    openStreams -= 1;
    lookForStream();
  }

  function lookForStream() {
    setTimeout(() => {
      if (openStreams || !unheard.size) return;
      unheard.clear();
      nudge();
    }, UNHEARD_MS);
  }

  // Others go on with the conversation, too: an agent, or another window of this browser. The server says when. A window
  // that nobody looks at listens only where a person is waited for: a browser opens few connections to one server.
  let session; // what Gradio calls this page
  let live = null;
  let wasHere = false; // whether the server has known this page
  let lookAtNews = () => {};
  const someoneMayWrite = () => document.querySelector("#sk-now .sk-answering")?.dataset.who !== "assistant";

  function listen() {
    const begun = session && document.querySelector("#sk-now .sk-turn");
    if (!begun || (document.hidden && !someoneMayWrite())) {
      live?.close();
      live = null;
    } else if (!live || live.readyState === EventSource.CLOSED) {
      live = new EventSource(`/live/${session}`);
      live.addEventListener("here", () => (wasHere = true));
      live.addEventListener("news", () => lookAtNews());
      live.addEventListener("gone", () => {
        live.close();
        if (wasHere) waitForShop(); // the shop was started anew, and knows the conversation but not the page
      });
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.title = document.title.replace(UNREAD, "");
    listen();
  });

  // Below the shop's name stands who answers.
  function tellWhoAnswers() {
    const who = document.querySelector("#sk-now .sk-answering");
    const line = document.querySelector(".sk-who");
    if (!who || !line) return;
    if (line.textContent !== who.textContent) line.textContent = who.textContent;
    line.dataset.who = who.dataset.who;
  }

  // Who leaves breaks off what is being received, of which Gradio's script would complain.
  const quiet = () => {};
  window.addEventListener("beforeunload", () => {
    console.error = quiet;
    setTimeout(() => (console.error = complain), 2000); // for who stays all the same
  });

  async function waitForShop() {
    if (away) return;
    away = true;
    const note = document.querySelector(".sk-away");
    if (note) note.textContent = document.documentElement.lang.startsWith("zh") ? note.dataset.zh : note.dataset.en;
    for (;;) {
      await new Promise((resume) => setTimeout(resume, LOOK_AGAIN_MS));
      const answer = await reach("/healthz").catch(() => null);
      if (answer?.ok) return loadAgain();
    }
  }

  // The server knows the conversation; only what is being typed must be kept.
  function loadAgain() {
    sessionStorage.setItem(DRAFT, box()?.value ?? "");
    location.reload();
  }

  // Wire one gr.HTML: `trigger` sends its events to the server, `watch` tells when its value was drawn anew.
  function wire(element, trigger, watch) {
    const ask = (data) => {
      trigger("submit", data);
      document.querySelector("#sk-now [role=log]")?.focus({ preventScroll: true });
    };

    const actions = {
      say: (button) => ask({ do: "say", text: button.dataset.text }),
      retry: (button) => ask({ do: "retry", ...turnOf(button) }),
      vote: (button) => trigger("like", { do: "vote", ...turnOf(button), vote: button.dataset.vote }),
      press: (button) => {
        button.disabled = true;
        trigger("like", { do: "press", ...turnOf(button), proposal: button.dataset.proposal });
      },
      copy: (button) => copy(button),
      edit: (button) => edit(button.parentElement, true),
      cancel: (button) => edit(button.closest(".sk-question"), false),
    };

    element.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) actions[button.dataset.do]?.(button);
      const citation = event.target.closest("a.sk-cite");
      if (citation) {
        event.preventDefault();
        openSource(citation.hash.slice(1));
      }
    });

    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      ask({ do: "edit", ...turnOf(form), text: form.querySelector("textarea").value });
    });

    element.addEventListener("keydown", (event) => {
      const form = event.target.closest(".sk-edit");
      if (!form || event.isComposing) return;
      if (event.key === "Escape") edit(form.parentElement, false);
      if (event.key === "Enter" && !event.shiftKey && event.target.tagName === "TEXTAREA") {
        event.preventDefault();
        form.requestSubmit();
      }
    });

    element.addEventListener(
      "toggle",
      (event) => {
        const { id, open } = event.target;
        if (open) openSources.add(id);
        else openSources.delete(id);
      },
      true,
    );

    // A picture that cannot be loaded gives way to a drawn one.
    element.addEventListener(
      "error",
      (event) => {
        const { fallback } = event.target.dataset;
        if (fallback && event.target.getAttribute("src") !== fallback) event.target.src = fallback;
      },
      true,
    );

    if (element.closest("#sk-past")) past = element;
    if (element.closest("#sk-now")) {
      nudge = () => trigger("select", { do: "label" });
      lookAtNews = () => trigger("tick", { do: "look" });
    }
    watch("value", () => drawn(element, trigger));
  }

  // Which turn an element belongs to: its place, and its number, by which the server sees whether it is still there.
  function turnOf(element) {
    const { position, number } = element.closest(".sk-turn").dataset;
    return { position: Number(position), number: Number(number) };
  }

  // After Gradio drew: put the turns in their places and bring a new question to the top of the screen.
  function drawn(element, trigger) {
    const turn = document.querySelector("#sk-now .sk-turn");
    if (element.closest("#sk-now")) {
      putAbove(turn);
      tellWhoAnswers();
      listen();
    }
    if (turn) setTimeout(takeUpDraft, SETTLE_MS); // not before Gradio's fields listen
    for (const id of openSources) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    const page = document.querySelector("#sk-now [lang]");
    if (page) document.documentElement.lang = page.lang;
    if (page && page.lang !== labelled && element.contains(page)) {
      labelled = page.lang;
      trigger("select", { do: "label" });
    }
    const known = newest;
    newest = turn?.dataset.number;
    if (!turn || newest === known) return;
    setTimeout(catchUp, SETTLE_MS);
    const remark = turn.classList.contains("sk-remark");
    const toPerson = document.querySelector("#sk-now .sk-answering")?.dataset.who === "agent";
    if (remark && document.hidden && !document.title.startsWith(UNREAD)) document.title = UNREAD + document.title;
    if ("typed" in turn.dataset) empty(box());
    // Not at once: the turns above may still change their height.
    setTimeout(() => scrollTo(turn, remark || toPerson ? "nearest" : "start"), SETTLE_MS);
  }

  // Above the last turn stand those before it, and no others. The server draws only the last one.
  function putAbove(turn) {
    const position = turn ? Number(turn.dataset.position) : 0;
    for (const earlier of past.querySelectorAll(".sk-turn"))
      if (Number(earlier.dataset.position) >= position) earlier.remove();
    const place = settled && Number(settled.dataset.position);
    if (settled && place < position && !past.querySelector(`[data-position="${place}"]`)) past.append(settled);
    settled = turn && !("running" in turn.dataset) ? turn.cloneNode(true) : null;
    settled?.querySelectorAll(".sk-suggestions, [data-do=retry]").forEach((lastOnly) => lastOnly.remove());
  }

  // Another window of this browser has gone on with the conversation: what stands above is no longer what came before.
  function catchUp() {
    const turn = document.querySelector("#sk-now .sk-turn");
    const above = [...past.querySelectorAll(".sk-turn")].at(-1);
    if (!turn || (turn.dataset.before ?? "") === (above?.dataset.number ?? "")) return;
    if (sessionStorage.getItem(CAUGHT_UP) === turn.dataset.number) return;
    sessionStorage.setItem(CAUGHT_UP, turn.dataset.number);
    loadAgain();
  }

  function takeUpDraft() {
    const draft = sessionStorage.getItem(DRAFT);
    sessionStorage.removeItem(DRAFT);
    if (draft && box() && !box().value) write(box(), draft);
  }

  function empty(field) {
    write(field, "");
  }

  function write(field, text) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true })); // Gradio keeps the value, too
  }

  function edit(question, on) {
    const form = question.querySelector(".sk-edit");
    const field = form.querySelector("textarea");
    question.classList.toggle("sk-editing", on);
    form.hidden = !on;
    if (!on) {
      field.value = field.defaultValue;
      question.querySelector("[data-do=edit]").focus();
      return;
    }
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  function openSource(id) {
    const details = document.getElementById(id);
    if (!details) return;
    openSources.add(id);
    details.open = true;
    details.querySelector("summary").focus({ preventScroll: true });
    scrollTo(details, "nearest");
  }

  async function copy(button) {
    const prose = button.closest(".sk-answer").querySelector(".sk-prose");
    await navigator.clipboard.writeText(prose.innerText);
    const label = button.getAttribute("aria-label");
    button.classList.add("sk-done");
    button.setAttribute("aria-label", button.dataset.done);
    setTimeout(() => {
      button.classList.remove("sk-done");
      button.setAttribute("aria-label", label);
    }, 1600);
  }

  // "/" from anywhere outside a field goes to the message box, as on many search pages.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, [contenteditable]")) return;
    event.preventDefault();
    box()?.focus();
  });

  return { wire };
})();
