/* Streams of events, and waiting for the next try. In: an answer of the server. Out: its events, or an error where it
   falls silent. It knows no conversation. */

const SILENCE_MS = 40000; // the server says something every 15 s; what is silent for longer is broken
const LONGEST_MS = 30000;

/** The events of an answer, https://html.spec.whatwg.org/multipage/server-sent-events.html; `id` is the number. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { data: "" };
  let timer;
  try {
    for (;;) {
      const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error()), SILENCE_MS)));
      const part = await Promise.race([reader.read(), late]);
      clearTimeout(timer);
      if (part.done) return;
      const lines = (rest + part.value).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (field) event[field] = field === "data" ? `${event.data}${value}\n` : value;
        else if (line === "") {
          if (event.data) yield { seq: Number(event.id), kind: event.event, data: JSON.parse(event.data) };
          event = { data: "" };
        }
      }
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

/** Wait before the n-th new attempt: at first hardly, then longer each time, never all clients at the same moment. */
export const pause = (attempt, after, signal) =>
  new Promise((go) => {
    const ms = after ? after * 1000 : Math.min(LONGEST_MS, attempt ? 250 * 2 ** attempt : 50);
    setTimeout(go, ms * (1 + Math.random() / 2));
    signal.addEventListener("abort", go);
    addEventListener("online", go, { once: true });
  });
