/**
 * What the page knows of alerts: the newest event of each. An event that is known, or older than the newest, changes nothing,
 * so repetitions and overlaps of snapshot and stream show once.
 */

import { isOver, rank } from "./words.js";

const MOST_ENDED = 100;

export class Alerts {
  #latest = new Map();
  #current = new Map(); // the last alert of each fingerprint; one before it is over, even if nothing said so

  /** Takes an event; whether it is news. */
  take(alert) {
    const known = this.#latest.get(alert.alert_id);
    if (known && known.sequence >= alert.sequence) return false;
    this.#latest.set(alert.alert_id, alert);
    if (!known) this.#current.set(alert.fingerprint, alert.alert_id);
    return true;
  }

  /** Takes a snapshot: all that is open, and what ended lately. Alerts that it does not name are forgotten. */
  reset({ open, ended }) {
    const named = new Set([...open, ...ended].map((alert) => alert.alert_id));
    for (const id of this.#latest.keys()) if (!named.has(id)) this.#latest.delete(id);
    [...ended].reverse().forEach((alert) => this.take(alert));
    open.forEach((alert) => this.take(alert));
    open.forEach((alert) => this.#current.set(alert.fingerprint, alert.alert_id));
  }

  get(id) {
    return this.#latest.get(id);
  }

  /** Open alerts, the gravest level first, then the newest. */
  open() {
    const open = [...this.#latest.values()].filter((alert) => alert.transition !== "pending" && !this.#isOver(alert));
    return open.sort((a, b) => rank(a.level) - rank(b.level) || newest(a, b));
  }

  /** Ended alerts, the newest first; the oldest beyond a hundred are forgotten. */
  ended() {
    const over = [...this.#latest.values()].filter((alert) => this.#isOver(alert)).sort(newest);
    over.splice(MOST_ENDED).forEach((alert) => this.#latest.delete(alert.alert_id));
    return over;
  }

  #isOver(alert) {
    return isOver(alert) || this.#current.get(alert.fingerprint) !== alert.alert_id;
  }
}

function newest(a, b) {
  return Date.parse(b.times.event_time) - Date.parse(a.times.event_time) || (a.alert_id < b.alert_id ? -1 : 1);
}
