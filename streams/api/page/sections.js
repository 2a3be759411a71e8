/** The sections of an alert's detail. */

import { clean, el, foreign, joined } from "./dom.js";
import { age, at, badge, figure, figureText, group, marks, sentence, source, voices } from "./parts.js";
import {
  conditionLevel,
  day,
  interval,
  isOver,
  measure,
  number,
  period,
  plain,
  placeName,
  reset,
  shade,
  threshold,
  title,
} from "./words.js";

/** Everything but the head: where it stands, evidence, room for the figures, history, identifiers. */
export function body(alert, history) {
  return [
    el("p", { class: "figure" }, figure(alert)),
    el("p", { class: "where" }, joined([badge(alert), el("span", {}, group(alert)), ...marks(alert)], " ")),
    facts(alert),
    el("h3", {}, "Evidence"),
    alert.evidence.length
      ? el("ol", { class: "proofs" }, alert.evidence.map(proof))
      : el("p", { class: "quiet" }, "None is left: it was corrected or withdrawn."),
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
    [
      "Threshold",
      clean(
        `${conditionLevel(alert) ?? "level"}: ${threshold(alert.condition)} ${measure(alert.condition.unit, alert.condition.per)}, reset ${reset(alert.condition)}`,
      ),
    ],
    ["Grade", value.grade],
    ["As written", ["“", foreign(value.text), `” (${plain(value.bound)})`]],
    value.normalised_from && ["Worked out", worked(value.normalised_from)],
    ["About", period(value)],
    ["Voices", voices(corroboration) + (corroboration.contested ? "; another source disagrees" : "")],
    ["Started", [at(times.started_at), " (", age(times.started_at), ")"]],
    ["Last event", [at(times.event_time), " (", age(times.event_time), "), ", plain(alert.reason)]],
    !isOver(alert) && ["Expires", [at(times.expires_at), " if nothing fresh is reported"]],
    Object.keys(alert.labels).length > 0 && [
      "Labels",
      joined(Object.entries(alert.labels).map(([name, text]) => foreign(`${name}=${text}`))),
    ],
    alert.summary && ["Summary", foreign(alert.summary)],
  ];
  return el(
    "dl",
    { class: "facts-table" },
    rows.filter(Boolean).map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]),
  );
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
    el(
      "p",
      { class: "source quiet" },
      joined([
        el("span", {}, source(evidence)),
        at(evidence.published_at),
        `confidence ${evidence.confidence.toFixed(2)}`,
        evidence.place && foreign(placeName(evidence.place)),
      ]),
    ),
  );
}

function turn(alert) {
  const [first] = alert.evidence;
  const level = alert.level ? `: ${alert.level}` : alert.previous_level ? `, was ${alert.previous_level}` : "";
  return el(
    "li",
    { value: alert.sequence, class: alert.level ? `${shade(alert.level)}-line` : null },
    el(
      "p",
      {},
      el("strong", {}, `${alert.sequence}. ${title(alert.transition)}`, clean(level)),
      at(alert.times.event_time),
      el("span", { class: "quiet" }, plain(alert.reason)),
    ),
    el("p", {}, joined([figureText(alert), voices(alert.corroboration), ...marks(alert)])),
    first && sentence(first),
    first && el("p", { class: "source quiet" }, source(first)),
  );
}

/** How to read the chart. */
export function key() {
  return el(
    "p",
    { class: "quiet" },
    "Each bar is one report, from its low to its high; a dot is its best estimate, an arrow an open end. Lines: threshold, and dashed its reset. Numbers: the steps of the history below.",
  );
}

/** The figures in words, the newest first; what the chart shows. */
export function table(figures, alert, open) {
  const what = measure(alert.condition.unit, alert.condition.per);
  const rows = [...figures].reverse().map((figure) => {
    const [head, exact] = interval(figure);
    const words = exact ? `${head} (${exact})` : head;
    return el(
      "tr",
      {},
      el("td", {}, at(figure.published_at)),
      el("td", {}, words),
      el("td", {}, day(figure.effective_end)),
      el("td", {}, foreign(figure.publisher ?? "")),
      el("td", { class: "sentence" }, foreign(figure.sentence)),
    );
  });
  const heads = ["Published", "Figure", "About", "Publisher", "Sentence"].map((word) => el("th", { scope: "col" }, word));
  return el(
    "details",
    { open },
    el("summary", {}, `All ${figures.length === 1 ? "of it" : `${figures.length} figures`} as a table`),
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Figures as a table" },
      el(
        "table",
        { id: "figures-table" },
        el("caption", {}, `${what}, newest first`),
        el("thead", {}, el("tr", {}, heads)),
        el("tbody", {}, rows),
      ),
    ),
  );
}

/** The chart in a sentence. */
export function chartWords(figures, history) {
  const last = figures.at(-1);
  const { condition } = history.at(-1);
  const amount = figures.length === 1 ? "One figure" : `${figures.length} figures`;
  return `${amount} over time, ${measure(condition.unit, condition.per)}; the last is ${interval(last).filter(Boolean).join(", ")}; threshold ${threshold(condition)}. The table below has them all.`;
}

function identifiers(alert) {
  const rows = [
    ["Alert", alert.alert_id],
    ["Event", alert.event_id],
    ["Fingerprint", alert.fingerprint],
    ["Rule", alert.rule.id],
    ["Rule set", alert.rule.rules_hash],
    ["Document", alert.evidence[0]?.document],
    ["Origin", alert.evidence[0]?.origin_id],
  ];
  return el(
    "details",
    {},
    el("summary", {}, "Identifiers"),
    el(
      "dl",
      { class: "facts-table" },
      rows.filter(([, text]) => text).map(([name, text]) => [el("dt", {}, name), el("dd", {}, el("code", {}, foreign(text)))]),
    ),
  );
}
