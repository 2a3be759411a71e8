/** One alert in full: where it stands, what proves it, the figure over time, and how it came here. */

import { chart } from "./chart.js";
import { clean, el, fill, foreign, joined } from "./dom.js";
import { get } from "./feed.js";
import { age, at, badge, figure, figureText, group, marks, sentence, source, voices } from "./parts.js";
import { conditionLevel, day, interval, isOver, measure, number, period, plain, placeName, reset, shade, threshold, title } from "./words.js";

/** The panel of one alert at a time. `close` is called when the reader closes it. */
export class Detail {
  #id = null;
  #turns = new Map();
  #figures = null;
  #levels = [];
  #fault = "";

  constructor(place, close) {
    this.place = place;
    this.close = close;
    new ResizeObserver(() => this.#drawChart()).observe(place);
  }

  get id() {
    return this.#id;
  }

  /** Shows an alert; what is known of it at once, its history and figures as they come. */
  async open(id, known) {
    this.#id = id;
    this.#turns = new Map();
    this.#figures = null;
    this.#levels = [];
    this.#fault = "";
    if (known) this.#turns.set(known.event_id, known);
    this.#draw();
    this.place.hidden = false;
    this.place.scrollTop = 0;
    this.place.querySelector("h2").focus();
    await this.#load();
  }

  /** Takes an event of any alert, and shows it if it is of this one. */
  take(alert) {
    if (alert.alert_id !== this.#id || this.#turns.has(alert.event_id)) return;
    this.#turns.set(alert.event_id, alert);
    this.#draw();
    this.#loadFigures();
  }

  /** Asks again after the line was lost. */
  again() {
    if (this.#id !== null) this.#load();
  }

  hide() {
    this.#id = null;
    this.place.hidden = true;
    fill(this.place);
  }

  async #load() {
    const id = this.#id;
    try {
      const { alert, history } = await get(`/v1/alerts/${encodeURIComponent(id)}`);
      if (id !== this.#id) return;
      for (const turn of [...history, alert]) this.#turns.set(turn.event_id, turn);
      this.#fault = "";
    } catch (fault) {
      if (id !== this.#id) return;
      this.#fault = fault.status === 404 ? "The server does not know this alert; it may be older than what it keeps." : "Its history could not be read from the server.";
    }
    this.#draw();
    await this.#loadFigures();
  }

  async #loadFigures() {
    const id = this.#id;
    const alert = this.#history().at(-1);
    const indicator = alert?.group.indicator ?? this.#history().flatMap((turn) => turn.evidence).at(-1)?.indicator;
    if (!indicator) return;
    const { unit, per } = alert.condition;
    try {
      const [series, rules] = await Promise.all([get("/v1/series", { indicator, place: alert.group.place, unit, per }), get("/v1/rules")]);
      if (id !== this.#id) return;
      this.#figures = series.figures.map((figure) => ({ ...figure, at: Date.parse(figure.published_at) })).reverse();
      this.#levels = rules.rules.find((rule) => rule.id === alert.rule.id)?.levels ?? [];
    } catch {
      if (id === this.#id) this.#figures = null;
    }
    this.#drawFigures();
  }

  #history() {
    return [...this.#turns.values()].sort((a, b) => a.sequence - b.sequence);
  }

  #draw() {
    const focused = this.place.contains(document.activeElement) ? document.activeElement.id : null;
    const history = this.#history();
    const alert = history.at(-1);
    const button = el("button", { type: "button", id: "detail-close" }, "Close");
    button.addEventListener("click", this.close);
    const name = el("h2", { id: "detail-title", tabindex: -1 }, alert ? foreign(alert.rule.title) : "Alert");
    fill(
      this.place,
      el("header", {}, name, button),
      this.#fault && el("p", { class: "wrong", role: "alert" }, this.#fault),
      alert ? body(alert, history) : !this.#fault && el("p", { class: "quiet" }, "Loading …"),
    );
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.#drawFigures();
  }

  #drawFigures() {
    const place = this.place.querySelector("#figures");
    if (!place) return;
    const wasOpen = place.querySelector("details")?.open ?? false;
    const figures = this.#figures;
    if (figures === null) fill(place, el("p", { class: "quiet" }, "The figures over time could not be read yet."));
    else if (!figures.length) fill(place, el("p", { class: "quiet" }, "No figures are kept for this series."));
    else fill(place, el("div", { id: "chart" }), key(), table(figures, this.#history().at(-1), wasOpen));
    this.#drawChart();
  }

  #drawChart() {
    const place = this.place.querySelector("#chart");
    if (!place?.clientWidth) return;
    const [figures, turns, levels] = [this.#figures, this.#history(), this.#levels];
    fill(place, chart({ figures, turns, levels, width: place.clientWidth, words: chartWords(figures, turns) }));
  }
}

function body(alert, history) {
  return [
    el("p", { class: "figure" }, figure(alert)),
    el("p", { class: "where" }, joined([badge(alert), el("span", {}, group(alert)), ...marks(alert)], " ")),
    facts(alert),
    el("h3", {}, "Evidence"),
    alert.evidence.length ? el("ol", { class: "proofs" }, alert.evidence.map(proof)) : el("p", { class: "quiet" }, "None is left: it was corrected or withdrawn."),
    el("h3", {}, "The figure over time"),
    el("div", { id: "figures" }, el("p", { class: "quiet" }, "Loading …")),
    el("h3", {}, "History"),
    el("ol", { class: "history", reversed: true }, [...history].reverse().map(turn)),
    identifiers(alert),
  ];
}

function facts(alert) {
  const { value, times, corroboration } = alert;
  const rows = [
    ["Threshold", clean(`${conditionLevel(alert) ?? "level"}: ${threshold(alert.condition)} ${measure(alert.condition.unit, alert.condition.per)}, reset ${reset(alert.condition)}`)],
    ["Grade", value.grade],
    ["As written", ["“", foreign(value.text), `” (${plain(value.bound)})`]],
    value.normalised_from && ["Worked out", worked(value.normalised_from)],
    ["About", period(value)],
    ["Voices", voices(corroboration) + (corroboration.contested ? "; another source disagrees" : "")],
    ["Started", [at(times.started_at), " (", age(times.started_at), ")"]],
    ["Last event", [at(times.event_time), " (", age(times.event_time), "), ", plain(alert.reason)]],
    !isOver(alert) && ["Expires", [at(times.expires_at), " if nothing fresh is reported"]],
    Object.keys(alert.labels).length > 0 && ["Labels", joined(Object.entries(alert.labels).map(([name, text]) => foreign(`${name}=${text}`)))],
    alert.summary && ["Summary", foreign(alert.summary)],
  ];
  return el("dl", { class: "facts-table" }, rows.filter(Boolean).map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
}

function worked({ value, per, days, assumed }) {
  const total = value === null ? "an open total" : number(value);
  return `${total} ${measure(null, per)}, over ${number(days)} days${assumed ? " (a usual length; the period is not named)" : ""}`;
}

function proof(evidence) {
  return el(
    "li",
    {},
    evidence.title && el("p", { class: "quiet" }, foreign(evidence.title)),
    sentence(evidence),
    el("p", { class: "source quiet" }, joined([el("span", {}, source(evidence)), at(evidence.published_at), `confidence ${evidence.confidence.toFixed(2)}`, evidence.place && foreign(placeName(evidence.place))])),
  );
}

function turn(alert) {
  const [first] = alert.evidence;
  const level = alert.level ? `: ${alert.level}` : alert.previous_level ? `, was ${alert.previous_level}` : "";
  return el(
    "li",
    { value: alert.sequence, class: alert.level ? `${shade(alert.level)}-line` : null },
    el("p", {}, el("strong", {}, `${alert.sequence}. ${title(alert.transition)}`, clean(level)), at(alert.times.event_time), el("span", { class: "quiet" }, plain(alert.reason))),
    el("p", {}, joined([figureText(alert), voices(alert.corroboration), ...marks(alert)])),
    first && sentence(first),
    first && el("p", { class: "source quiet" }, source(first)),
  );
}

function key() {
  return el("p", { class: "quiet" }, "Each bar is one report, from its low to its high; a dot is its best estimate, an arrow an open end. Lines: threshold, and dashed its reset. Numbers: the steps of the history below.");
}

function table(figures, alert, open) {
  const what = measure(alert.condition.unit, alert.condition.per);
  const rows = [...figures].reverse().map((figure) => {
    const [head, exact] = interval(figure);
    const words = exact ? `${head} (${exact})` : head;
    return el("tr", {}, el("td", {}, at(figure.published_at)), el("td", {}, words), el("td", {}, day(figure.effective_end)), el("td", {}, foreign(figure.publisher ?? "")), el("td", { class: "sentence" }, foreign(figure.sentence)));
  });
  const heads = ["Published", "Figure", "About", "Publisher", "Sentence"].map((word) => el("th", { scope: "col" }, word));
  return el(
    "details",
    { open },
    el("summary", {}, `All ${figures.length === 1 ? "of it" : `${figures.length} figures`} as a table`),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures as a table" },
      el("table", { id: "figures-table" }, el("caption", {}, `${what}, newest first`), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, rows))),
  );
}

function chartWords(figures, history) {
  const last = figures.at(-1);
  const { condition } = history.at(-1);
  const amount = figures.length === 1 ? "One figure" : `${figures.length} figures`;
  return `${amount} over time, ${measure(condition.unit, condition.per)}; the last is ${interval(last).filter(Boolean).join(", ")}; threshold ${threshold(condition)}. The table below has them all.`;
}

function identifiers(alert) {
  const rows = [["Alert", alert.alert_id], ["Event", alert.event_id], ["Fingerprint", alert.fingerprint], ["Rule", alert.rule.id], ["Rule set", alert.rule.rules_hash], ["Document", alert.evidence[0]?.document], ["Origin", alert.evidence[0]?.origin_id]];
  return el("details", {}, el("summary", {}, "Identifiers"), el("dl", { class: "facts-table" }, rows.filter(([, text]) => text).map(([name, text]) => [el("dt", {}, name), el("dd", {}, el("code", {}, foreign(text)))])));
}
