/**
 * How figures, intervals, units, times, levels and places look to a person. Pure: values in, words out.
 */

const PERIODS = {
  day: "a day",
  week: "a week",
  month: "a month",
  year: "a year",
  fiscal_year: "a fiscal year",
  event: "in one event",
  cumulative: "in all",
};
const PLURALS = {
  person: "people",
  foot: "feet",
  century: "centuries",
  inch: "inches",
  percent: "%",
  degree_celsius: "°C",
  degree_fahrenheit: "°F",
};
const NO_PLURAL = new Set(["oz", "psi", "rpm", "ton_force", "times"]);
const LEVELS = ["emergency", "critical", "severe", "major", "high", "warning", "medium", "minor", "notice", "low", "info"];
const OF_THREE = ["notice", "warning", "critical"].map((level) => LEVELS.indexOf(level));
const PLACE_ID = /^(\d{1,12}|[A-Z]{2}-[A-Z0-9]{1,3}|[a-z]+(-[a-z]+)*)$/;
const places = new Map();
const learned = new Map(); // ranks of levels with names of their own, by their places in their rules
const ENDED = new Set(["resolved", "expired", "closed"]);
const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));
const COUNTRIES = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const FINE = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });
const GIANT = 1e15;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 12,500; 9,677; 3.25; 1.2 × 10³⁰. */
export function number(value) {
  if (Math.abs(value) >= GIANT) {
    const [digits, power] = value.toExponential(1).split("e+");
    return `${digits.replace(/\.0$/, "")} × 10${Array.from(power, (digit) => RAISED[digit]).join("")}`;
  }
  return Math.abs(value) >= 1000 ? WHOLE.format(value) : FINE.format(value);
}

/** An interval in two parts: its head ("about 10,000") and what makes it exact ("9,000–11,000"), which may be empty. */
export function interval(value) {
  const { low, high, point, bound } = value;
  if (low !== null && low === high) return [number(low), ""];
  const best = point === null || point === undefined ? null : number(point);
  if (low === null && high === null) return ["any number", ""];
  if (high === null) return [`${value.low_closed === false ? "more than" : "at least"} ${number(low)}`, best && `best ${best}`];
  if (low === null || low === 0) {
    return [`${value.high_closed === false ? "less than" : "up to"} ${number(high)}`, best && `best ${best}`];
  }
  const span = `${number(low)}–${number(high)}`;
  if (best !== null) return [`about ${best}`, span];
  return bound === "less_than" ? [`almost ${number(high)}`, span] : [`${number(low)} to ${number(high)}`, ""];
}

/** "people a day", "USD", "% a year". */
export function measure(unit, per) {
  return [unit && plural(unit), PERIODS[per]].filter(Boolean).join(" ");
}

function plural(unit) {
  if (PLURALS[unit]) return PLURALS[unit];
  if (CURRENCIES.has(unit.toUpperCase())) return unit.toUpperCase();
  const words = unit.replaceAll("_", " ");
  if (NO_PLURAL.has(unit) || !/[aeiou]/.test(unit)) return words;
  if (/[^aeiou]y$/.test(words)) return words.replace(/y$/, "ies");
  return words + (/(s|x|ch|sh)$/.test(words) ? "es" : "s");
}

/** "10,000 or more" for a rule that fires above, "10,000 or less" for one that fires below. */
export function threshold(condition) {
  return `${number(condition.at)} or ${condition.direction === "below" ? "less" : "more"}`;
}

/** What takes the level back. */
export function reset(condition) {
  return `${number(condition.reset)} or ${condition.direction === "below" ? "more" : "less"}`;
}

/** The level whose threshold and reset an event's condition has: of one that fell, the level that it left. */
export function conditionLevel(alert) {
  return alert.transition === "deescalated" ? alert.previous_level : (alert.level ?? alert.previous_level);
}

/** "1 origin", "14 publishers". */
export function count(amount, noun) {
  return `${number(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/** The words of an enum: "level_crossed" is "level crossed". */
export function plain(word) {
  return String(word).replaceAll("_", " ");
}

/** "Firing", "Escalated". */
export function title(word) {
  const words = plain(word);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The places of alerts whose names only the server knows, and which were not learned yet. */
export function unnamed(alerts) {
  const ids = alerts.flatMap((alert) => [alert.group.place, ...alert.evidence.map((piece) => piece.place)]);
  return [...new Set(ids)].filter((id) => id && PLACE_ID.test(id) && !places.has(id));
}

/** Learns the names of places, {id, names}: the place, and what it lies in. An id without a name is not asked for again. */
export function learnPlaces(ids, found) {
  for (const id of ids) places.set(id, null);
  for (const { id, names } of found) places.set(id, names.slice(0, names.length > 2 || /^\d/.test(id) ? 2 : 1).join(", "));
}

/** A place, or another label of a group, for people. */
export function placeName(id) {
  if (/^[A-Z]{2}$/.test(id)) return COUNTRIES.of(id) ?? id;
  return places.get(id) ?? plainPlace(id);
}

/** A place by its id alone: our own regions without their hyphens. */
export function plainPlace(id) {
  return /^[a-z]+(-[a-z]+)+$/.test(id) ? id.replace(/^us-/, "US ").replaceAll("-", " ") : plain(id);
}

/** Whether an event says that its alert is over. */
export function isOver(alert) {
  return ENDED.has(alert.transition) || (alert.transition === "retracted" && alert.level === null);
}

/** Learns how grave the levels of rules are, whatever they are called: each rule has them from the mildest to the gravest. */
export function learn(rules) {
  for (const { levels } of rules) {
    levels.forEach(({ level }, place) => {
      const grade = place === levels.length - 1 ? 2 : place === 0 && levels.length > 2 ? 0 : 1;
      learned.set(level, Math.min(OF_THREE[grade], learned.get(level) ?? Infinity));
    });
  }
}

/** Smaller is graver. A name that says nothing ranks by its place in its rule, or as a warning. */
export function rank(level) {
  const found = LEVELS.indexOf(level ?? "");
  return found >= 0 ? found : (learned.get(level) ?? LEVELS.indexOf("warning"));
}

/** One of the four looks that a level may have. */
export function shade(level) {
  const place = rank(level);
  if (place <= LEVELS.indexOf("high")) return "grave";
  return place <= LEVELS.indexOf("medium") ? "middle" : "mild";
}

/** "28 Dec 2023, 22:05", in the reader's zone. */
export function clock(iso) {
  return CLOCK.format(new Date(iso));
}

/** "28 Dec 2023" of a calendar date, which has no zone. */
export function day(date) {
  return DAY.format(new Date(`${date}T00:00:00Z`));
}

/** "just now", "4 min ago", "3 h ago", "2 days ago", then the date. */
export function ago(iso, now) {
  const seconds = (now - new Date(iso)) / 1000;
  if (seconds < -60) return clock(iso);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  const days = Math.floor(seconds / 86400);
  return days < 30 ? `${count(days, "day")} ago` : DATE.format(new Date(iso));
}

/** The dates that a figure is about. */
export function period(value) {
  const { reference } = value;
  if (!reference) return day(value.effective_end);
  const span = reference.start === reference.end ? day(reference.start) : `${day(reference.start)} to ${day(reference.end)}`;
  return span + (reference.assumed ? ", taken from the publication" : "") + (reference.complete ? "" : ", still running then");
}

/** A sentence in three runs, before, figure, after; offsets count code points. Null where the span does not hold the quote. */
export function split(evidence) {
  const chars = Array.from(evidence.sentence);
  const start = evidence.quote_span[0] - evidence.sentence_span[0];
  const end = evidence.quote_span[1] - evidence.sentence_span[0];
  const quote = chars.slice(start, end).join("");
  if (start < 0 || end <= start || quote !== evidence.quote) return null;
  return [chars.slice(0, start).join(""), quote, chars.slice(end).join("")];
}
