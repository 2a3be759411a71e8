/** The lists of open and of ended alerts: what is drawn stays, and only what is new is drawn again. */

import { toAlert } from "./address.js";
import { clean, el, fill, foreign, joined } from "./dom.js";
import { age, badge, decided, figure, group, marks, sentence, source, voices } from "./parts.js";
import { plain, shade, title } from "./words.js";

const FRESH = 8_000; // ms for which what has just come is set off

/** One list on the page: elements by alert, drawn again only where an alert has a newer event. */
export class List {
  #drawn = new Map();

  constructor(draw) {
    this.draw = draw;
  }

  /** Has everything drawn again the next time. */
  forget() {
    for (const entry of this.#drawn.values()) entry.event = null;
  }

  /** The elements of `alerts` in their order; `fresh` says which have just come. */
  elements(alerts, fresh) {
    const kept = new Map();
    for (const alert of alerts) {
      const old = this.#drawn.get(alert.alert_id);
      kept.set(alert.alert_id, old?.event === alert.event_id ? old : this.#drawAgain(alert, old, fresh.has(alert.event_id)));
    }
    this.#drawn = kept;
    return [...kept.values()].map((entry) => entry.element);
  }

  #drawAgain(alert, old, fresh) {
    const element = this.draw(alert);
    element.dataset.alert = alert.alert_id;
    if (fresh) {
      element.classList.add("fresh");
      setTimeout(() => element.classList.remove("fresh"), FRESH);
    }
    if (old?.element.contains(document.activeElement)) queueMicrotask(() => element.querySelector("a")?.focus());
    return { event: alert.event_id, element };
  }
}

/** An open alert with its proof. */
export function card(alert) {
  const proof = alert.evidence[0];
  return el(
    "li",
    { class: `card ${shade(alert.level)}-line` },
    el(
      "div",
      { class: "facts" },
      el("h3", {}, heading(alert)),
      el("p", { class: "figure" }, figure(alert)),
      el("p", { class: "where" }, badge(alert), el("span", { class: "quiet" }, decided(alert)), marks(alert)),
    ),
    el(
      "div",
      { class: "said" },
      proof && sentence(proof),
      el(
        "p",
        { class: "source quiet" },
        joined([proof && el("span", {}, source(proof)), voices(alert.corroboration), age(alert.times.event_time)]),
      ),
    ),
  );
}

/** An ended alert in a line or two. */
export function row(alert) {
  return el(
    "li",
    { class: "row" },
    el("h3", {}, heading(alert)),
    el(
      "p",
      {},
      badge(alert),
      el("span", {}, figure(alert)),
      el(
        "span",
        { class: "quiet" },
        joined([plain(alert.reason), alert.previous_level && foreign(`was ${alert.previous_level}`), age(alert.times.event_time)]),
      ),
    ),
  );
}

function heading(alert) {
  const place = group(alert, alert.rule.title);
  const names = [foreign(alert.rule.title), place.length > 0 && el("span", { class: "place" }, " · ", place)];
  return el("a", { href: toAlert(alert.alert_id), class: "open" }, names);
}

/** Open alerts under a heading for each level, keeping the elements that are there. */
export class Levels {
  #sections = new Map();

  constructor(place) {
    this.place = place;
  }

  /** `elements` belong to `alerts`, one to one. */
  show(alerts, elements) {
    const levels = Map.groupBy ? Map.groupBy(alerts.keys(), (at) => name(alerts[at])) : grouped(alerts);
    const sections = [...levels].map(([level, places]) =>
      this.#section(
        level,
        places.map((at) => elements[at]),
      ),
    );
    arrange(this.place, sections);
  }

  #section(level, elements) {
    if (!this.#sections.has(level)) {
      const id = `level-${this.#sections.size}`;
      const list = el("ul", { class: "list" });
      const amount = el("span", { class: "quiet" });
      const section = el("section", { "aria-labelledby": id }, el("h2", { id }, clean(title(level)), " ", amount), list);
      this.#sections.set(level, { section, list, amount });
    }
    const { section, list, amount } = this.#sections.get(level);
    fill(amount, String(elements.length));
    arrange(list, elements);
    return section;
  }
}

function name(alert) {
  return alert.level ?? "other";
}

function grouped(alerts) {
  const levels = new Map();
  alerts.forEach((alert, at) => levels.set(name(alert), [...(levels.get(name(alert)) ?? []), at]));
  return levels;
}

/** Makes `elements` the children of `parent` in their order, moving only what is not in its place: focus and selection stay. */
export function arrange(parent, elements) {
  const wanted = new Set(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, at) => parent.children[at] !== element && parent.insertBefore(element, parent.children[at] ?? null));
}
