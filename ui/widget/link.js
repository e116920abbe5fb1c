/* The way to the server: one request, and one stream of events. In: a path below /v1. Out: JSON or events; a `Problem`
   that says whether to ask again. It knows no conversation. */

const SILENCE_MS = 40_000; // the server says something every 15 s; what is silent for longer is broken
const LONGEST_MS = 30_000;

/** What the server answered instead, or `status` 0 where nothing came back. `after` is in seconds. */
export class Problem extends Error {
  constructor(status, detail, after) {
    super(status);
    Object.assign(this, { status, detail, after });
    this.passes = status === 0 || status === 429 || status >= 500; // the same may go through later
  }
}

/** One request: the JSON of its answer, null where there is none, or with `stream` the answer itself. */
export async function ask(base, method, path, { body, token, signal, stream, headers } = {}) {
  headers = { ...headers, accept: stream ? "text/event-stream" : "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  const options = { method, signal, headers, body: body && JSON.stringify(body), credentials: "omit", cache: "no-store" };
  const answer = await fetch(`${base}v1/${path}`, options).catch((error) => {
    throw signal?.aborted ? error : new Problem(0);
  });
  if (answer.ok) return stream ? answer : answer.status === 204 ? null : answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, said.detail, answer.headers.get("retry-after"));
}

/** The events of an answer, https://html.spec.whatwg.org/multipage/server-sent-events.html; `id` is the number. */
export async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = { data: "" };
  let timer;
  try {
    for (;;) {
      const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Problem(0)), SILENCE_MS)));
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

/** A random key that no other request has; also where the page is not served over https. */
export const unique = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
