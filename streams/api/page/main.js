/** Where the page starts: the feed tells the store, the store is shown. */

import { change, parameters } from "./address.js";
import { clean, el, fill } from "./dom.js";
import { Detail } from "./detail.js";
import { Feed, placeNames } from "./feed.js";
import { Filter, forgetWords } from "./filter.js";
import { Levels, List, arrange, card, row } from "./list.js";
import { showLine } from "./line.js";
import { refresh, spoken } from "./parts.js";
import { Alerts } from "./store.js";
import { count, learn, learnPlaces, unnamed } from "./words.js";

const AGES = 20_000;
const SAID = 1_500; // ms for which events are gathered before they are read aloud

const byId = (id) => document.getElementById(id);
const alerts = new Alerts();
const filter = new Filter(byId("filter"), () => show());
const detail = new Detail(byId("detail"), () => leave());
const levels = new Levels(byId("alerts"));
const openList = new List(card);
const endedList = new List(row);
const asked = new Set(); // places whose names are on the way
let fresh = new Set();
let unsaid = [];

function heard({ snapshot, alert }) {
  if (snapshot) {
    learn(snapshot.rules);
    alerts.reset(snapshot);
    detail.again();
    namePlaces([...snapshot.open, ...snapshot.ended]);
  } else if (alerts.take(alert)) {
    fresh.add(alert.event_id);
    say(alert);
    detail.take(alert);
    namePlaces([alert]);
  }
  soon();
}

/** Has the names of places from the server where an id says nothing to a person. */
async function namePlaces(some) {
  const ids = unnamed(some).filter((id) => !asked.has(id));
  if (!ids.length) return;
  ids.forEach((id) => asked.add(id));
  try {
    learnPlaces(ids, await placeNames(ids));
  } catch {
    return; // the ids stand there until the next alert of the place
  } finally {
    ids.forEach((id) => asked.delete(id));
  }
  openList.forget();
  endedList.forget();
  forgetWords();
  detail.rename();
  soon();
}

let waiting = false;

/** Draws once for all that comes within a frame; in a tab that is not looked at, once a while. */
function soon() {
  if (waiting) return;
  waiting = true;
  setTimeout(
    () => {
      waiting = false;
      show();
    },
    document.hidden ? 1_000 : 16,
  );
}

function show() {
  const open = alerts.open();
  const ended = alerts.ended();
  filter.offer(open);
  const shown = open.filter((alert) => filter.takes(alert));
  const over = ended.filter((alert) => filter.takes(alert));
  byId("alerts").removeAttribute("aria-busy");
  if (shown.length) levels.show(shown, openList.elements(shown, fresh));
  else fill(byId("alerts"), open.length ? noMatch() : nothingOpen());
  arrange(byId("ended"), endedList.elements(over, fresh));
  byId("ended-section").hidden = !over.length;
  byId("ended-count").textContent = String(over.length);
  filter.tell(shown.length, open.length);
  totals(open);
  choose();
  fresh = new Set();
}

function totals(open) {
  const amounts = new Map();
  for (const { level } of open) amounts.set(level, (amounts.get(level) ?? 0) + 1);
  const words = [...amounts].map(([level, amount]) => el("span", { class: "total" }, `${amount} ${clean(level ?? "other")}`));
  fill(byId("totals"), words.length ? words : "nothing open");
  document.title = open.length ? `(${open.length}) newsgauge` : "newsgauge";
}

/** Reads what has come aloud, several at once as a count. */
function say(alert) {
  unsaid.push(alert);
  if (unsaid.length > 1) return;
  setTimeout(() => {
    byId("told").textContent = unsaid.length > 2 ? `${count(unsaid.length, "change")} in the alerts.` : unsaid.map(spoken).join(" ");
    unsaid = [];
  }, SAID);
}

function nothingOpen() {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "No alert is open"),
    el(
      "p",
      {},
      "When a figure that the news reports crosses the threshold of a rule, its alert appears here by itself: with the value, who said it, and the sentence that proves it.",
    ),
    el(
      "p",
      {},
      "To see one, publish a story to the topic ",
      el("code", {}, "articles"),
      ", while ",
      el("code", {}, "newsgauge worker"),
      " runs with its default rules:",
    ),
    el(
      "pre",
      { tabindex: 0 },
      'echo "About 12,000 migrants a day have been apprehended at the southwest border\nthis month, border patrol officials said." > story.txt\nnewsgauge publish story.txt --publisher "Border Ledger"',
    ),
  );
}

function noMatch() {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, "No open alert matches"),
    el("p", {}, "The filter above hides all that are open; “Show all” lifts it."),
  );
}

/** Marks the alert whose detail is open. */
function choose() {
  for (const element of document.querySelectorAll("[data-alert]")) {
    const chosen = element.dataset.alert === detail.id;
    element.classList.toggle("chosen", chosen);
    const link = element.querySelector("a.open");
    if (chosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/** Shows what the address names. */
function route() {
  const id = parameters().get("alert");
  if (id === detail.id) return;
  const left = detail.id;
  document.querySelector(".columns").classList.toggle("two", id !== null);
  if (id === null) detail.hide();
  else detail.open(id, alerts.get(id));
  choose();
  if (id === null && left !== null) (document.querySelector(`[data-alert="${CSS.escape(left)}"] a.open`) ?? byId("open")).focus();
}

function leave() {
  if (history.state?.within) history.back();
  else {
    change({ alert: [] });
    route();
  }
}

function enter(id) {
  change({ alert: [id] }, detail.id === null ? { within: true } : null);
  route();
}

document.addEventListener("click", (event) => {
  const entry = event.target.closest("[data-alert]");
  const link = event.target.closest("a, button");
  if (!entry || event.ctrlKey || event.metaKey || event.shiftKey || (link && !link.classList.contains("open"))) return;
  if (!link && String(getSelection())) return; // a sentence is being copied
  event.preventDefault();
  enter(entry.dataset.alert);
});

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address stays free for alerts
  byId("open").focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && detail.id !== null && !event.target.closest("#filter")) leave();
  if (!event.target.closest("[data-alert]") || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...document.querySelectorAll("[data-alert] a.open")];
  const here = links.indexOf(event.target.closest("[data-alert]").querySelector("a.open"));
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key];
  if (to === undefined || !links[to]) return;
  event.preventDefault();
  links[to].focus();
});

addEventListener("popstate", () => {
  filter.read();
  route();
});
setInterval(refresh, AGES);

const feed = new Feed(heard, (state) => showLine(state, feed));
route();
feed.run();
