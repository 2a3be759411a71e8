/**
 * The line to the server: a snapshot, then the stream of events from the place at which the snapshot holds, again and again.
 *
 * The stream is read by fetch, not by EventSource, so that a token can go with it and a lost line can be told from a refusal.
 */

const SILENCE = 40_000; // the server says something every 15 s
const LOOK = 10_000; // how often the server is asked whether it still hears Kafka
const STEADY = 10_000; // a line that held this long was a good one: the next wait is short again
const SHORTEST = 1_000;
const LONGEST = 30_000;
const PAGE = 200;
const ENDED = 50;
const PLACES = 20;
const TOKEN = "newsgauge-token";

/** An answer that is not what was asked for. */
export class Refused extends Error {
  constructor(status, told) {
    super(told || `the server answered ${status}`);
    this.status = status;
  }
}

/** The names of places by their ids, as {id, names}, asked for in pieces that the server takes. */
export async function placeNames(ids) {
  const found = [];
  for (let at = 0; at < ids.length; at += PLACES) {
    const query = new URLSearchParams(ids.slice(at, at + PLACES).map((id) => ["id", id]));
    found.push(...(await (await request(`/v1/places?${query}`, {}, AbortSignal.timeout(SILENCE))).json()).places);
  }
  return found;
}

/** GET as JSON, with the token if there is one. Throws Refused, or TypeError where no server answers. */
export async function get(path, parameters = {}) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined));
  const answer = await request(`${path}?${query}`, {}, AbortSignal.timeout(SILENCE));
  return answer.json();
}

async function request(path, headers, signal) {
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { headers, signal, cache: "no-store", credentials: "omit" });
  if (!answer.ok) throw new Refused(answer.status, await told(answer));
  return answer;
}

async function told(answer) {
  try {
    return (await answer.json()).detail;
  } catch {
    return "";
  }
}

/** Events of a stream of server-sent events, from chunks of text cut anywhere. */
export class Parser {
  #rest = "";
  #event = { type: "message", data: [], id: null };

  /** The events that `chunk` completes, as {type, data, id}; `id` is null where the event has none. */
  *feed(chunk) {
    const lines = (this.#rest + chunk).split(/\r\n|\n|\r(?=.)/s);
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line === "") yield* this.#dispatch();
      else this.#field(line);
    }
  }

  *#dispatch() {
    const event = this.#event;
    this.#event = { type: "message", data: [], id: null };
    if (event.data.length || event.id !== null) yield { ...event, data: event.data.join("\n") };
  }

  #field(line) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (name === "event") this.#event.type = value;
    if (name === "data") this.#event.data.push(value);
    if (name === "id") this.#event.id = value;
  }
}

/**
 * Keeps the line up. `heard` is told {snapshot: {open, ended, rules}} and {alert}; `state` is told {name, ...}:
 * "connecting"; "live"; "deaf" where the server is there and has lost Kafka; "waiting" with `until` (ms) and `why`; "token" with `why`
 * where the server wants one.
 */
export class Feed {
  #cursor = null;
  #tries = 0;
  #wake = () => {};

  constructor(heard, state) {
    this.heard = heard;
    this.state = state;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.retry());
  }

  /** Never returns. */
  async run() {
    for (;;) {
      const why = await this.#attempt();
      if (why instanceof Refused && (why.status === 401 || why.status === 403)) await this.#token(why);
      else await this.#wait(why);
    }
  }

  /** Ends a wait now. */
  retry() {
    this.#wake();
  }

  /** Goes on with this token, which is kept until the tab is closed. */
  useToken(token) {
    sessionStorage.setItem(TOKEN, token);
    this.#wake(token);
  }

  /** Connects and listens until the line is lost; what lost it. */
  async #attempt() {
    const started = performance.now();
    this.state({ name: "connecting" });
    try {
      this.#cursor ??= await this.#snapshot();
      await this.#listen();
      return new Error("the server ended the connection");
    } catch (fault) {
      if (fault instanceof Refused && [400, 404, 410].includes(fault.status)) this.#cursor = null; // the place is not known there
      return fault;
    } finally {
      if (performance.now() - started > STEADY) this.#tries = 0;
    }
  }

  /** Tells all that is open and what ended lately; the cursor from which the stream goes on. */
  async #snapshot() {
    const first = await get("/v1/alerts", { state: "open", limit: PAGE });
    const open = [...first.alerts];
    for (let { next } = first; next;) {
      const more = await get("/v1/alerts", { state: "open", limit: PAGE, after: next });
      open.push(...more.alerts);
      next = more.next;
    }
    const ended = await get("/v1/alerts", { state: "ended", limit: ENDED });
    const { rules } = await get("/v1/rules");
    this.heard({ snapshot: { open, ended: ended.alerts, rules } });
    return first.cursor; // that of the first page: what came between pages is told again, and known
  }

  async #listen() {
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(new Error("nothing was heard for 40 s")), SILENCE);
    let look = null;
    try {
      const answer = await request("/v1/alerts/stream", { Accept: "text/event-stream", "Last-Event-ID": this.#cursor }, silence.signal);
      this.state({ name: "live" });
      look = setInterval(() => this.#look(silence.signal), LOOK);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new Parser();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(new Error("nothing was heard for 40 s")), SILENCE);
        for (const event of parser.feed(part.value)) await this.#event(event);
      }
    } finally {
      clearTimeout(timer);
      clearInterval(look);
      silence.abort();
    }
  }

  /** A server that has lost Kafka keeps the line up and has nothing to tell: that must not look like calm. */
  async #look(signal) {
    try {
      const { status } = await (await fetch("/readyz", { signal, cache: "no-store", credentials: "omit" })).json();
      if (!signal.aborted) this.state({ name: status === "disconnected" ? "deaf" : "live" });
    } catch {
      // The line itself tells that the server is gone.
    }
  }

  async #event({ type, data, id }) {
    if (type === "alert") this.heard({ alert: JSON.parse(data) });
    if (type === "reset") await this.#snapshot(); // what it brings is cut to a page
    if (id !== null) this.#cursor = id; // after it was heard, so that a fault on the way asks for it again
  }

  #wait(why) {
    const longest = Math.min(LONGEST, SHORTEST * 2 ** this.#tries++);
    const pause = longest * (0.5 + Math.random() / 2); // not all readers at once after a restart
    this.state({ name: "waiting", until: Date.now() + pause, why: why instanceof TypeError ? "the server does not answer" : why.message });
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #token(why) {
    this.state({ name: "token", why: sessionStorage.getItem(TOKEN) ? why.message : "" });
    return new Promise((resolve) => (this.#wake = (token) => token && resolve()));
  }
}
