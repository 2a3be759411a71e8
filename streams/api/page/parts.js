/** The pieces that the list and the detail are both made of. */

import { clean, el, foreign, joined, moment, outside } from "./dom.js";
import {
  ago,
  clock,
  conditionLevel,
  count,
  interval,
  isOver,
  measure,
  placeName,
  plainPlace,
  reset,
  shade,
  split,
  threshold,
  title,
} from "./words.js";

/** The level, or how the alert ended. */
export function badge(alert) {
  if (alert.transition === "pending") return el("span", { class: "badge mild" }, "Unconfirmed");
  if (isOver(alert)) return el("span", { class: "badge over" }, title(alert.transition));
  return el("span", { class: `badge ${shade(alert.level)}` }, clean(title(alert.level ?? alert.transition)));
}

/** "about 10,000 (9,000–11,000) people a day". */
export function figure(alert) {
  const [head, exact] = interval(alert.value);
  return [el("strong", {}, head), exact && ` (${exact})`, " ", measure(alert.condition.unit, alert.condition.per)];
}

/** The same as one line of text, for titles and for what is read aloud. */
export function figureText(alert) {
  const [head, exact] = interval(alert.value);
  return `${head}${exact ? ` (${exact})` : ""} ${measure(alert.condition.unit, alert.condition.per)}`;
}

/** What the alert is of: its group, by names for people, without those that stand in `said` already. */
export function group(alert, said = "") {
  return joined(unsaid(alert, said).map(([label, id]) => foreign(placeName(id), { title: `${label}: ${clean(id)}` })));
}

/** An alert in a sentence, to be read aloud. */
export function spoken(alert) {
  const where = unsaid(alert, alert.rule.title).map(([, id]) => `, ${placeName(id)}`);
  const what = isOver(alert) ? title(alert.transition) : `${title(alert.transition)}, ${alert.level ?? "unconfirmed"}`;
  return clean(`${what}: ${alert.rule.title}${where.join("")}, ${figureText(alert)}.`);
}

function unsaid(alert, said) {
  const told = said.toLowerCase();
  return Object.entries(alert.group).filter(([, id]) => ![placeName(id), plainPlace(id)].some((name) => told.includes(name.toLowerCase())));
}

/** The threshold that was met, or the reset that was. */
export function decided(alert) {
  if (alert.transition !== "deescalated") return `threshold ${threshold(alert.condition)}`;
  return clean(`fell from ${conditionLevel(alert)}, reset ${reset(alert.condition)}`);
}

/** Whatever makes an alert less than plain. */
export function marks(alert) {
  return [
    alert.corroboration.contested && mark("contested", "Another source gives a figure that does not support the level"),
    alert.late && mark("late", "The figure came later than the rule allows for; nobody was notified"),
    alert.mode !== "live" && mark(alert.mode, "Not a live alert"),
  ];
}

function mark(word, why) {
  return el("span", { class: "mark", title: why }, word);
}

/** The sentence with its figure marked. */
export function sentence(evidence) {
  const runs = split(evidence);
  if (runs === null) return el("blockquote", { class: "proof" }, foreign(evidence.sentence));
  const [before, quote, after] = runs.map(clean);
  return el("blockquote", { class: "proof" }, el("bdi", {}, before, el("mark", {}, quote), after));
}

/** Who said it, and where it was printed. */
export function source(evidence) {
  const paper = evidence.publisher ?? evidence.title ?? shortened(evidence.document);
  const link = evidence.url ? outside(evidence.url, paper) : foreign(paper);
  return evidence.attribution ? [foreign(evidence.attribution), ", in ", link] : [link];
}

/** An id that is a hash tells nobody more than its beginning does. */
function shortened(id) {
  return id.length > 40 ? `${id.slice(0, 16)}…` : id;
}

/** "2 origins, 14 publishers". */
export function voices({ origins, publishers, required }) {
  const needed = required > 1 ? ` (${required} required)` : "";
  return `${count(origins, "origin")}${needed}, ${count(publishers, "publisher")}`;
}

/** How long ago, kept right by `refresh`. */
export function age(iso) {
  return moment(iso, ago(iso, Date.now()), { class: "age" });
}

/** A moment of the reader's own clock. */
export function at(iso) {
  return moment(iso, clock(iso));
}

/** Brings every age on the page up to date. */
export function refresh() {
  for (const element of document.querySelectorAll("time.age")) element.textContent = ago(element.dateTime, Date.now());
}
