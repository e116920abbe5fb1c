// What happens elsewhere, told to the desk's page: ticks of the queue, events of the open chat, the server going away.
// It says that there is something to draw; desk.js asks for it.
"use strict";

window.deskLive = (() => {
  const LOOK_AGAIN_MS = 1500;
  const UNHEARD_MS = 100; // after which a stream that is not open will not be
  const SOUND = "dk-sound";
  const reach = window.fetch.bind(window);
  const complain = console.error.bind(console);
  const quiet = () => {};
  const base = document.title;
  const known = { queue: "", said: "", beside: "" };
  let listener = { changed: quiet, event: quiet, leaving: quiet };
  let source; // the EventSource
  let counts = { waiting: 0, unread: 0 };
  let audio;
  let away = false;
  let leaving = false;

  // Gradio's script asks the server through here. What the page asks for by itself does not keep the agent logged in.
  window.fetch = async (input, init) => {
    const [address] = String(input?.url ?? input).split("?");
    const streams = address.endsWith("/queue/data");
    if (streams) openStreams += 1;
    if (typeof init?.body === "string" && init.body.includes('"do":"refresh"')) {
      const headers = new Headers(init.headers);
      headers.set("x-desk-idle", "1");
      init = { ...init, headers };
    }
    try {
      const answer = await reach(input, init);
      if (answer.status === 401) logInAgain();
      if (streams) overhear(answer.clone());
      if (address.endsWith("/queue/join") && answer.ok) expectNews(answer.clone());
      return answer;
    } catch (error) {
      if (streams) openStreams -= 1;
      if (error instanceof TypeError && !leaving) waitForServer();
      throw error;
    }
  };

  // The server ends the stream of events when nothing is under way. Gradio's script may ask for something just then,
  // take the stream for open still, and never hear of it. An event of ours makes it open another stream.
  const unheard = new Set();
  let openStreams = 0;

  async function expectNews(answer) {
    const { event_id: id } = await answer.json().catch(() => ({}));
    if (id) unheard.add(id);
    lookForStream();
  }

  async function overhear(answer) {
    const decoder = new TextDecoder();
    const reader = answer.body?.getReader();
    const next = () => reader.read().catch(() => ({ done: true }));
    for (let part = reader ? await next() : { done: true }; !part.done; part = await next()) {
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
      listener.changed(["queue", "head"], 0);
    }, UNHEARD_MS);
  }

  window.addEventListener("beforeunload", () => {
    leaving = true;
    console.error = quiet;
    setTimeout(() => {
      leaving = false;
      console.error = complain;
    }, 2000); // for who stays all the same
  });

  function logInAgain() {
    if (leaving) return;
    leaving = true;
    listener.leaving();
    location.reload(); // without a session that is the login page, and back here from there
  }

  async function waitForServer() {
    if (away) return;
    away = true;
    const note = document.querySelector(".dk-away");
    if (note) note.textContent = note.dataset.text;
    for (;;) {
      await new Promise((resume) => setTimeout(resume, LOOK_AGAIN_MS));
      const answer = await reach("/healthz").catch(() => null);
      if (answer?.ok) break;
    }
    listener.leaving();
    location.reload();
  }

  // Follow the queue and, where one is open, a chat.
  function follow(chat) {
    source?.close();
    known.beside = "";
    const address = "/desk/api/live" + (chat ? `?conversation=${encodeURIComponent(chat)}` : "");
    const opened = (source = new EventSource(address));
    const tick = (kind, act) =>
      opened.addEventListener(kind, (event) => {
        const told = JSON.parse(event.data);
        if (known[kind] === told.version) return;
        known[kind] = told.version;
        act(told);
      });
    tick("queue", (told) => {
      if ("waiting" in told) count({ waiting: told.waiting });
      listener.changed(["queue"], 120);
    });
    tick("said", () => listener.changed(["queue"], 600));
    tick("beside", () => listener.changed(["queue", "head"], 60));
    for (const kind of ["message", "who", "withdrawn", "text", "done", "error", "stopped", "handoff", "products"])
      opened.addEventListener(kind, (event) => {
        if (event.data !== undefined) listener.event(kind, JSON.parse(event.data));
      });
    opened.addEventListener("error", async () => {
      if (opened !== source || opened.readyState !== EventSource.CLOSED || leaving) return;
      const answer = await reach("/desk/api/me").catch(() => null);
      if (answer?.status === 401) return logInAgain();
      if (!answer) return waitForServer();
      setTimeout(() => opened === source && follow(chat), LOOK_AGAIN_MS);
    });
  }

  // How many wait, and what is unread: in the tab's title, and once by ear.
  function count(changed) {
    const more = Object.keys(changed).some((name) => changed[name] > counts[name]);
    counts = { ...counts, ...changed };
    const n = counts.waiting + counts.unread;
    document.title = n ? `(${n}) ${base}` : base;
    if (more) ring();
  }

  const sounds = () => localStorage.getItem(SOUND) === "on";

  function toggleSound() {
    localStorage.setItem(SOUND, sounds() ? "off" : "on");
    if (sounds()) ring();
    return sounds();
  }

  function ring() {
    if (!sounds()) return;
    audio ??= new AudioContext();
    const now = audio.currentTime;
    for (const [pitch, at] of [
      [660, 0],
      [880, 0.12],
    ]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, now + at);
      volume.gain.exponentialRampToValueAtTime(0.12, now + at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, now + at + 0.22);
      tone.connect(volume).connect(audio.destination);
      tone.start(now + at);
      tone.stop(now + at + 0.25);
    }
  }

  return { follow, count, sounds, toggleSound, listen: (given) => (listener = given) };
})();
