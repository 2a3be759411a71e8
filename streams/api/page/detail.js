/** One alert in full: where it stands, what proves it, the figure over time, and how it came here. */

import { chart } from "./chart.js";
import { el, fill, foreign } from "./dom.js";
import { get } from "./feed.js";
import { body, chartWords, key, table } from "./sections.js";

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

  /** Draws again, for places have got names. */
  rename() {
    if (this.#id !== null) this.#draw();
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
      this.#fault =
        fault.status === 404
          ? "The server does not know this alert; it may be older than what it keeps."
          : "Its history could not be read from the server.";
    }
    this.#draw();
    await this.#loadFigures();
  }

  async #loadFigures() {
    const id = this.#id;
    const alert = this.#history().at(-1);
    const indicator =
      alert?.group.indicator ??
      this.#history()
        .flatMap((turn) => turn.evidence)
        .at(-1)?.indicator;
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
