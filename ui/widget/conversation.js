/* One shopper's conversation: who speaks, what was said, and the way to the server that gets through in the end.
   In: messages, clicks, events of the server. Out: `entries`, which somebody draws when `changed` is called. It knows
   no element of the page.

   Events carry a number, 1, 2, 3 … without gaps, and each is folded once: whatever stream brings it, only the next
   number counts. A stream that breaks off is taken up after the last number. A message is posted again under the same
   key until it is accepted, so that it is never said twice. */
import { events, pause } from "./link.js";

const PATIENCE = 6; // attempts to post a message before the shopper is asked whether to go on

export class Conversation {
  /* Messages as the server has them; one that is `open` is an answer on its way, to its `question`. `who` is also
     "waiting", for a person, and "agent", when a person speaks, called `name`; `idle` while nobody looks; `trouble` is "offline" or "busy" while something is
     tried again. */
  entries = [];
  who = "assistant";
  idle = true;
  shop = null; // name, greeting, openers
  trouble = "";
  #shell;
  #changed;
  #last = 0; // number of the last event that was folded
  #live = false; // a stream is open that brings everything
  #work = new AbortController(); // ends when the page is left or the shopper changes
  #found = null;

  constructor(shell, changed) {
    this.#shell = shell;
    this.#changed = changed;
  }

  get running() {
    return this.entries.find((entry) => entry.open);
  }

  /** Greet, and go on with the conversation there was; ask until the shop answers. */
  async start() {
    const { signal } = this.#work;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const shop = this.#shell.ask("GET", `shop?locale=${this.#shell.locale()}`, { signal });
        await this.#find();
        this.shop = await shop;
        this.#say("");
        return await this.#goOn();
      } catch (problem) {
        if (!signal.aborted) this.#say("offline");
        await pause(attempt, problem.after, signal);
      }
    }
  }

  /** Say something; `replaced` is the answer that is asked for again. */
  async send(text, replaced) {
    text = text.trim();
    if (!text || (this.running && this.who === "assistant")) return;
    this.entries = this.entries.filter((entry) => !replaced || (entry !== replaced && entry !== replaced.question));
    const question = { role: "shopper", text, key: crypto.getRandomValues(new Uint32Array(4)).join("-") };
    const reply = { role: "assistant", text: "", open: true, question };
    this.entries.push(question, ...(this.who === "agent" ? [] : [reply]));
    this.#changed();
    await this.#post(question, reply, replaced?.question.id);
    await this.#goOn();
  }

  async stop() {
    if (this.running.turn) await this.#call("POST", "/stop", { body: {} });
    else this.#end(this.running, { state: "stopped" }); // it was never accepted
  }

  async vote(entry, vote) {
    if (entry.vote === vote) vote = null;
    await this.#call("PUT", `/messages/${entry.id}/feedback`, { body: { vote } });
    entry.vote = vote;
    this.#changed();
  }

  /** A person's click on a proposal: the shop carries it out, or says that the page may. */
  async accept(proposal) {
    this.settle(proposal, "accepted", "");
    await this.#call("POST", `/proposals/${proposal.id}`, { body: {} }).then(
      (answer) => Object.assign(proposal, answer.proposal),
      (problem) => this.settle(proposal, problem.passes ? "open" : "refused", problem.detail),
    );
    this.#changed();
  }

  settle(proposal, state, detail) {
    Object.assign(proposal, { state, detail });
    this.#changed();
  }

  /** What the shop says of a product, or of several beside each other. */
  lookUp = (path) => this.#shell.ask("GET", path);

  /** Leave everything as it is; `resume` goes on from there. */
  pause() {
    this.#work.abort();
    this.#work = new AbortController();
    this.#live = false;
  }

  async resume() {
    if (this.#kept.id) await this.#goOn(() => this.#call("GET", ""));
  }

  /** Nothing was said yet; `fresh` where the same shopper begins anew. */
  reset(fresh) {
    this.pause();
    Object.assign(this, { entries: [], who: "assistant", trouble: "" });
    this.#last = 0;
    this.#found = null;
    if (fresh) this.#keep({ id: "", secret: "", fresh });
    this.#changed();
  }

  get #store() {
    const { session, local } = this.#shell;
    return session.get().token ? session : local;
  }
  get #kept() {
    return this.#store.get();
  }
  #keep(changes) {
    this.#store.set(changes);
  }

  /** A request about this conversation. A session that has run out is asked for once more. */
  async #call(method, path, options, again = true) {
    const { id, token, secret } = this.#kept;
    try {
      return await this.#shell.ask(method, `conversations/${id}${path}`, { signal: this.#work.signal, token: token || secret, ...options });
    } catch (problem) {
      if (problem.status !== 401 || !token || !again) throw problem;
      this.#keep({ token: "" });
      await this.#shell.signIn();
      if (!this.#kept.token) throw problem;
      this.#keep({ id });
      return this.#call(method, path, options, false);
    }
  }

  /** Find the conversation there was, if any, with what was said in it. */
  #find() {
    return (this.#found ??= (async () => {
      await this.#shell.signIn();
      const { id, token, fresh, turn, from } = this.#kept;
      if (token && !id && !fresh) {
        const { conversations } = await this.#shell.ask("GET", "conversations", { token });
        this.#keep({ id: conversations[0]?.id });
      }
      if (!this.#kept.id) return;
      const now = await this.#call("GET", "");
      const said = [];
      for (let more = true; more; ) {
        const after = said.length ? `&after=${said.at(-1).id}` : "";
        const answer = await this.#call("GET", `/messages?limit=100${after}`);
        said.push(...answer.messages);
        more = answer.more && answer.messages.length;
      }
      const replaced = new Set(said.map((message) => message.replaces));
      let gone = false; // an answer goes with its question
      this.entries = said.filter(({ id, role }) => !(gone = role === "shopper" ? replaced.has(id) : gone));
      ({ who: this.who, name: this.name } = now);
      this.#last = now.last_seq;
      if (!now.running_turn) return;
      if (now.running_turn === turn) this.#last = from; // its events, from the first on
      this.#replyOf(now.running_turn);
    })().catch((problem) => {
      this.#found = null;
      if (problem.passes !== false) throw problem;
      this.#keep({ id: "", secret: "", token: "" }); // it was erased, or is not ours
    }));
  }

  /** Follow while somebody looks, or there is something to come: what we have missed, an answer, a person's word. */
  async #goOn(look) {
    try {
      const now = await look?.();
      if (now) ({ who: this.who, name: this.name } = now);
      this.#changed();
      const { id } = this.#kept;
      const alone = () => this.who === "assistant";
      if (id) this.#keep({ live: !alone() });
      const over = () => alone() && (this.idle || !id) && !this.running?.turn && !(now?.last_seq > this.#last);
      if (this.#live || over()) return;
      this.#live = true;
      await this.#follow(over);
    } catch {
      // It stays as it is until somebody speaks.
    }
    this.#live = false;
  }

  async #post(question, reply, replaces) {
    const { signal } = this.#work;
    const { text, key } = question;
    const { locale, product } = this.#shell;
    const about = { locale: locale(), page_product_id: product() ?? undefined };
    const over = () => (this.entries.includes(reply) ? !reply.open : question.turn) || signal.aborted;
    for (let attempt = 0; !over(); attempt += 1) {
      try {
        await this.#find();
        if (!this.entries.includes(question)) this.entries.push(question, reply);
        if (!this.#kept.id) await this.#create(about);
        const headers = { "idempotency-key": key };
        const answer = await this.#call("POST", "/messages", { body: { ...about, text, replaces }, stream: true, headers });
        await this.#read(answer, over);
        await this.#follow(over);
      } catch (problem) {
        if (signal.aborted) return;
        if (problem.status === 404 && attempt < 2) this.#keep({ id: "", secret: "" }); // it is no more: begin another
        else if (problem.passes && attempt < PATIENCE) {
          this.#say(problem.status ? "busy" : "offline");
          await pause(attempt, problem.after, signal);
        } else {
          this.entries = [...new Set(this.entries).add(reply)]; // a message to a person has none yet
          this.#end(reply, { state: "failed", problem: problem.detail, retry: true });
        }
      }
    }
    this.#say("");
  }

  async #create(about) {
    const { token } = this.#kept;
    const { id, secret } = await this.#shell.ask("POST", "conversations", { body: about, token, signal: this.#work.signal });
    this.#last = 0;
    this.#keep({ id, secret, fresh: false });
  }

  /** Fold events until `over`, or until one is missing: the next stream begins with it. */
  async #read(answer, over) {
    this.#say("");
    for await (const event of events(answer)) {
      if (event.seq > this.#last + 1) return;
      if (event.seq > this.#last) this.#fold(event);
      if (over()) return;
    }
  }

  async #follow(over) {
    const { signal } = this.#work;
    for (let attempt = 0; !over() && !signal.aborted; attempt += 1) {
      const before = this.#last;
      let after = 0;
      try {
        const answer = await this.#call("GET", "/events", { stream: true, headers: { "last-event-id": `${this.#last}` } });
        await this.#read(answer, () => over() || signal.aborted);
      } catch (problem) {
        if (signal.aborted) return;
        if (!problem.passes) throw problem;
        if (attempt) this.#say("offline");
        ({ after } = problem);
      }
      if (this.#last > before) attempt = 0;
      if (!over()) await pause(attempt, after, signal);
    }
  }

  #fold({ seq, kind, data }) {
    this.#last = seq;
    if (kind === "message") return this.#heard(data.message, data.turn, seq);
    if (kind === "who") ({ who: this.who, name: this.name } = data);
    if (kind === "withdrawn") for (const entry of this.entries) if (entry.id === data.message) Object.assign(entry, { withdrawn: true, text: "", products: [], citations: [] });
    if (!data.turn) return this.#changed();
    const reply = this.#replyOf(data.turn);
    if (kind === "done") {
      const { message, state } = data;
      if (!message && !reply.handoff && state === "done") this.entries = this.entries.filter((entry) => entry !== reply); // left to a person
      return this.#end(reply, { ...message, state, proposals: reply.proposals ?? message?.proposals });
    }
    if (kind === "error") return this.#end(reply, { state: "failed", problem: data.message, retry: data.retry });
    if (kind === "text") reply.text += data.delta;
    else if (kind === "status") reply.status = data.text;
    else if (kind === "handoff") reply.handoff = data.reason;
    else Object.assign(reply, data); // products, citations, suggestions, proposals
    this.#changed();
  }

  /** A message that was accepted: ours, one of another window of ours, or an agent's. */
  #heard(message, turn, seq) {
    if (this.entries.some((entry) => entry.id === message.id)) return;
    const mine = message.role === "shopper";
    const known = mine && this.entries.find((entry) => entry.key && !entry.id && entry.text === message.text);
    const entry = Object.assign(known || {}, message, { turn });
    if (!known) this.entries.push(entry);
    if (mine) this.#keep({ turn, from: seq - 1 });
    for (const reply of this.entries) if (reply.question === entry) reply.turn = turn;
    this.#changed(mine ? null : entry);
  }

  #replyOf(turn) {
    const known = this.entries.find((entry) => entry.role === "assistant" && entry.turn === turn);
    if (known) return known;
    const question = this.entries.findLast((entry) => entry.role === "shopper");
    this.entries.push({ role: "assistant", text: "", open: true, turn, question });
    return this.entries.at(-1);
  }

  #end(reply, rest) {
    Object.assign(reply, rest, { open: false });
    this.#changed(reply);
  }

  #say(trouble) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.#changed();
  }
}
