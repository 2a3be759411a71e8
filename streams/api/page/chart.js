/**
 * The chart of one figure over time: each report from its low to its high, thresholds, and the turns of the alert by number.
 * It is drawn for the width that there is; the table beside it says the same in words.
 */

import { clean, svg } from "./dom.js";
import { clock, conditionLevel, interval, number, shade, title } from "./words.js";

const HEIGHT = 250;
const TOP = 22;
const BOTTOM = 24;
const LEFT = 58;
const RIGHT = 92;
const NARROW = 480; // below it the names of the thresholds stand inside, at the left, where the old figures are
const MARK = 19; // room for one turn's number
const BAR = 5;
const ROOM = 12 * 3_600_000; // ms on either side of a single moment
const DAYS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const YEARS = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });
const HOURS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/**
 * The chart as an <svg>. `figures` have `at` (ms), low, high, point; `turns` are the alert's events, by sequence; `levels` are those of
 * its rule (level, at, reset), where they are known.
 */
export function chart({ figures, turns, levels, width, words }) {
  const limits = thresholds(turns, levels);
  const scale = scaled(figures, turns, limits, Math.max(260, width));
  const marked = turns.filter((turn) => turn.transition !== "repeated").slice(-Math.floor((scale.right - LEFT) / MARK));
  return svg(
    "svg",
    { class: "chart", role: "img", "aria-label": words, viewBox: `0 0 ${scale.width} ${HEIGHT}`, width: scale.width, height: HEIGHT },
    grid(scale),
    limits.map((limit) => line(scale, limit)),
    labels(scale, limits),
    marked.map((turn) => turnLine(scale, turn)),
    figures.map((figure) => bar(scale, figure)),
    places(scale, marked).map((x, place) => turnMark(x, marked[place])),
  );
}

/** Every threshold and reset: those of the rule as it is, and those by which the alert went. */
function thresholds(turns, levels) {
  const found = new Map();
  const passed = turns.map((turn) => ({ level: conditionLevel(turn), ...turn.condition }));
  for (const { level, at, reset } of [...passed, ...levels]) {
    const look = shade(level);
    found.set(`at ${at}`, { kind: "at", value: at, words: clean(level ?? "level"), look });
    if (reset !== at) found.set(`reset ${reset}`, { kind: "reset", value: reset, words: "reset", look });
  }
  return [...found.values()];
}

function scaled(figures, turns, limits, width) {
  const moments = [...figures.map((figure) => figure.at), ...turns.map((turn) => Date.parse(turn.times.event_time))];
  const first = Math.min(...moments);
  const last = Math.max(...moments);
  const room = Math.max((last - first) / 30, ROOM);
  const highs = figures.map((figure) => figure.high ?? figure.point ?? figure.low ?? 0).sort((a, b) => a - b);
  const most = Math.max(...limits.map((limit) => limit.value), 0);
  // One wild figure must not flatten all others: what is beyond is drawn at the upper edge.
  const usual = highs.length ? highs[Math.floor(0.95 * (highs.length - 1))] : 0;
  const top = Math.max(most, Math.min(highs.at(-1) ?? 0, 4 * Math.max(usual, most)), 1e-9) * 1.08;
  const start = first - room;
  const span = last + room - start;
  const right = width - (width < NARROW ? 10 : RIGHT);
  return {
    width,
    right,
    top,
    start,
    span,
    x: (at) => round(LEFT + ((at - start) / span) * (right - LEFT)),
    y: (value) => round(TOP + (1 - Math.min(Math.max(value, 0), top) / top) * (HEIGHT - TOP - BOTTOM)),
  };
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function grid(scale) {
  const parts = [];
  const step = even(scale.top / 4);
  for (let value = 0; value <= scale.top; value += step) {
    const y = scale.y(value);
    parts.push(svg("line", { class: "grid", x1: LEFT, x2: scale.right, y1: y, y2: y }));
    parts.push(svg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, short(value)));
  }
  const days = scale.span / 86_400_000;
  const format = days > 400 ? YEARS : days > 3 ? DAYS : HOURS;
  const amount = Math.max(1, Math.floor((scale.right - LEFT) / (days > 3 ? 90 : 120)));
  for (let place = 0; place <= amount; place++) {
    const at = scale.start + (scale.span * place) / amount;
    const anchor = place === 0 ? "start" : place === amount ? "end" : "middle";
    parts.push(svg("text", { x: scale.x(at), y: HEIGHT - 6, "text-anchor": anchor }, format.format(at)));
  }
  return parts;
}

/** The next of 1, 2, 5 and their multiples by ten. */
function even(step) {
  const base = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((factor) => factor * base).find((value) => value >= step);
}

/** 10,000; 2.5M; 3 × 10¹⁸. */
function short(value) {
  return value >= 1e15 || value < 1e6 ? number(value) : new Intl.NumberFormat("en", { notation: "compact" }).format(value);
}

function line(scale, { kind, value, look }) {
  const y = scale.y(value);
  return svg("line", { class: `${kind} ${look}-mark`, x1: LEFT, x2: scale.right, y1: y, y2: y });
}

/** Names of the thresholds beside their lines, moved apart where they would overlap. */
function labels(scale, limits) {
  const x = scale.width < NARROW ? LEFT + 3 : scale.right + 5;
  let above = -Infinity;
  return [...limits]
    .sort((a, b) => b.value - a.value)
    .map(({ value, words, look }) => {
      above = Math.max(scale.y(value) + (scale.width < NARROW ? -3 : 4), above + 13);
      return svg("text", { class: `limit ${look}-words`, x, y: above }, `${words.slice(0, 8)} ${short(value)}`);
    });
}

function bar(scale, figure) {
  const x = scale.x(figure.at);
  const low = scale.y(figure.low ?? 0);
  const high = scale.y(figure.high ?? scale.top);
  const beyond = figure.high === null || figure.high > scale.top;
  const height = Math.max(2, low - high);
  const told = `${clock(new Date(figure.at).toISOString())}: ${interval(figure).filter(Boolean).join(", ")}`;
  return svg(
    "g",
    {},
    svg("title", {}, `${told}${figure.publisher ? `, ${clean(figure.publisher)}` : ""}`),
    svg("rect", {
      class: beyond ? "band endless" : "band",
      x: x - BAR / 2,
      y: low - high < 2 ? high - 1 : high,
      width: BAR,
      height,
      rx: 1.5,
    }),
    beyond && svg("path", { class: "opening", d: `M${x - 4} ${TOP + 5}l4 -5l4 5` }),
    beyond && svg("line", { class: "end", x1: x - 4, x2: x + 4, y1: low, y2: low }),
    known(figure) !== null && svg("circle", { class: "point", cx: x, cy: scale.y(known(figure)), r: 3.5 }),
  );
}

/** The one value that a report stands for, if it gives one. */
function known(figure) {
  return figure.point ?? (figure.low === figure.high ? figure.low : null);
}

function turnLine(scale, turn) {
  const x = scale.x(Date.parse(turn.times.event_time));
  return svg("line", { class: "turn", x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM });
}

/** Where the numbers of turns stand: over their lines, or as near as those beside them let them. */
function places(scale, turns) {
  const found = turns.map((turn) => scale.x(Date.parse(turn.times.event_time)));
  for (let at = 1; at < found.length; at++) found[at] = Math.max(found[at], found[at - 1] + MARK);
  for (let at = found.length - 1, limit = scale.width - MARK / 2; at >= 0; limit = found[at] - MARK, at--)
    found[at] = Math.min(found[at], limit);
  return found;
}

function turnMark(x, turn) {
  return svg(
    "g",
    {},
    svg(
      "title",
      {},
      `${turn.sequence}: ${title(turn.transition)}${turn.level ? ` (${clean(turn.level)})` : ""}, ${clock(turn.times.event_time)}`,
    ),
    svg("circle", { class: `turn-mark ${turn.level ? shade(turn.level) : "over"}-mark`, cx: x, cy: TOP - 11, r: 9 }),
    svg("text", { class: "turn-number", x, y: TOP - 7, "text-anchor": "middle" }, String(turn.sequence)),
  );
}
