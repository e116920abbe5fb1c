// What an agent is writing, chat by chat: it outlives drawings, other chats and a page that is loaded again.
"use strict";

window.deskWriting = (chat) => {
  const WRITTEN = "dk-written";
  const written = new Map(JSON.parse(sessionStorage.getItem(WRITTEN) ?? "[]"));
  const box = () => document.getElementById("dk-box");

  const mine = () => written.get(chat()) ?? { text: "", draft: null, note: false, key: null };

  function keep(changes) {
    if (!chat()) return;
    const now = { ...mine(), ...changes };
    if (!now.text && !now.draft && !now.note) written.delete(chat());
    else written.set(chat(), now);
    keepWritten();
  }

  function keepWritten() {
    sessionStorage.setItem(WRITTEN, JSON.stringify([...written]));
  }

  function takeUp() {
    if (!box()) return;
    box().value = mine().text;
    showWriting();
  }

  function write(text) {
    box().value = text;
    keep({ text, key: null });
    box().focus();
    box().setSelectionRange(text.length, text.length);
  }

  function empty(of = chat()) {
    written.delete(of);
    keepWritten();
    if (box() && of === chat()) box().value = "";
    showWriting();
  }

  const join = (before, text) => (before.trim() ? `${before.replace(/\s+$/, "")}\n\n${text}` : text);

  function showWriting() {
    const form = document.getElementById("dk-form");
    if (!form) return;
    const { draft, note } = mine();
    form.querySelector(".dk-editing").hidden = !draft;
    form.classList.toggle("dk-note", note);
    form.querySelector("[data-do=note]").setAttribute("aria-pressed", note);
    box().placeholder = note ? box().dataset.note : box().dataset.reply;
    box().setAttribute("aria-label", note ? box().dataset.note : box().dataset.reply);
    const send = document.getElementById("dk-send");
    send.textContent = note ? send.dataset.note : send.dataset.send;
    document.getElementById("dk-draft")?.classList.toggle("dk-edited", Boolean(draft));
  }

  return { mine, keep, write, empty, join, takeUp, showWriting, keepWritten };
};
