/** The filter over the list: words, levels and a rule. It is kept in the address, so that a view can be shared. */

import { change, parameters } from "./address.js";
import { clean, el, fill, foreign } from "./dom.js";
import { placeName, rank, title } from "./words.js";

/** What is wanted. `changed` is called when the reader changes it. */
export class Filter {
  #words = [];
  #levels = new Set();
  #rule = "";
  #offered = "";

  constructor(form, changed) {
    this.form = form;
    this.find = form.querySelector("#find");
    this.levels = form.querySelector("#levels");
    this.rules = form.querySelector("#rules");
    this.changed = changed;
    this.#take(parameters());
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.#set());
    form.addEventListener("reset", () => {
      this.#take(new URLSearchParams());
      queueMicrotask(() => this.#kept());
      this.find.focus();
    });
  }

  /** Whether the filter lets an alert through. */
  takes(alert) {
    if (this.#rule && alert.rule.id !== this.#rule) return false;
    if (this.#levels.size && !this.#levels.has(alert.level ?? alert.previous_level)) return false;
    return this.#words.length === 0 || this.#words.every((word) => haystack(alert).includes(word));
  }

  /** Offers the levels and rules that there are. */
  offer(alerts) {
    const levels = [...new Set([...alerts.map((alert) => alert.level), ...this.#levels])].filter(Boolean).sort((a, b) => rank(a) - rank(b));
    const rules = new Map(alerts.map((alert) => [alert.rule.id, alert.rule.title]));
    if (this.#rule && !rules.has(this.#rule)) rules.set(this.#rule, this.#rule);
    const offered = JSON.stringify([levels, [...rules].sort()]);
    if (offered === this.#offered) return;
    this.#offered = offered;
    const boxes = levels.map((level) =>
      el("label", {}, el("input", { type: "checkbox", value: level, checked: this.#levels.has(level) }), foreign(title(level))),
    );
    const chosen = document.activeElement?.closest?.("#levels") ? document.activeElement.value : null;
    fill(this.levels, el("legend", { class: "hidden" }, "Levels"), boxes);
    if (chosen !== null) this.levels.querySelector(`input[value="${CSS.escape(chosen)}"]`)?.focus();
    this.levels.hidden = levels.length < 2 && !this.#levels.size;
    const options = [...rules].sort((a, b) => a[1].localeCompare(b[1])).map(([id, name]) => el("option", { value: id }, clean(name)));
    fill(this.rules, el("option", { value: "" }, "all rules"), options);
    this.rules.value = this.#rule;
  }

  /** Says how much is shown. */
  tell(shown, all) {
    const text = this.#on() ? `${shown} of ${all} shown` : "";
    const place = this.form.querySelector("#matches");
    if (place.textContent !== text) place.textContent = text;
    this.form.querySelector("#clear").hidden = !this.#on();
  }

  #on() {
    return this.#words.length > 0 || this.#levels.size > 0 || this.#rule !== "";
  }

  /** Takes what the address says, if it says something else. */
  read() {
    const before = this.#told();
    this.#take(parameters());
    if (this.#told() !== before) this.changed();
  }

  #take(given) {
    this.find.value = given.get("find") ?? "";
    this.#words = words(this.find.value);
    this.#levels = new Set(given.getAll("level"));
    this.#rule = given.get("rule") ?? "";
    this.#offered = "";
  }

  #told() {
    return JSON.stringify([this.find.value, [...this.#levels], this.#rule]);
  }

  #set() {
    this.#words = words(this.find.value);
    this.#levels = new Set([...this.levels.querySelectorAll("input:checked")].map((box) => box.value));
    this.#rule = this.rules.value;
    this.#kept();
  }

  #kept() {
    change({ find: [this.find.value].filter(Boolean), level: this.#levels, rule: [this.#rule].filter(Boolean) });
    this.changed();
  }
}

let known = new WeakMap();

/** Has alerts read anew, for places have got names. */
export function forgetWords() {
  known = new WeakMap();
}

/** All the words by which an alert can be found, once for each event. */
function haystack(alert) {
  if (!known.has(alert)) {
    const groups = Object.values(alert.group).flatMap((value) => [value, placeName(value)]);
    const evidence = alert.evidence.flatMap((piece) => [
      piece.sentence,
      piece.publisher,
      piece.title,
      piece.attribution,
      piece.url,
      piece.document,
    ]);
    const labels = Object.entries(alert.labels).map(([name, text]) => `${name}=${text}`);
    known.set(
      alert,
      folded(
        [alert.rule.id, alert.rule.title, alert.transition, alert.summary, ...groups, ...labels, ...evidence].filter(Boolean).join("\n"),
      ),
    );
  }
  return known.get(alert);
}

function words(text) {
  return folded(text).split(/\s+/).filter(Boolean);
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
