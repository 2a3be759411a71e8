/** The state of the line to the server, as the reader sees it. */

import { clean } from "./dom.js";

const WORDS = { connecting: "Connecting", live: "Live", deaf: "No news", waiting: "Not connected", token: "Token needed" };

let timer = null;

/** Shows a state of the feed, with a count-down while it waits. */
export function showLine(state, feed) {
  const line = document.getElementById("line");
  const retry = document.getElementById("retry");
  const form = document.getElementById("token");
  clearInterval(timer);
  if (state.name === line.dataset.state && state.name === "live") return; // nothing is read out twice
  if (state.name === "connecting" && line.dataset.state === "waiting") {
    document.getElementById("line-count").textContent = "trying now"; // and no flicker between two tries
    return;
  }
  line.dataset.state = state.name;
  document.getElementById("line-why").textContent = clean(
    { deaf: "Kafka does not answer the server", waiting: state.why }[state.name] ?? "",
  );
  document.getElementById("line-words").textContent = WORDS[state.name];
  document.getElementById("line-count").textContent = "";
  retry.hidden = state.name !== "waiting";
  retry.onclick = () => feed.retry();
  if (state.name === "waiting") countDown(state.until);
  askToken(form, state, feed);
}

function countDown(until) {
  const count = document.getElementById("line-count");
  const tick = () => (count.textContent = `again in ${Math.max(0, Math.ceil((until - Date.now()) / 1000))} s`);
  tick();
  timer = setInterval(tick, 250);
}

function askToken(form, state, feed) {
  const was = form.hidden;
  form.hidden = state.name !== "token";
  if (form.hidden) return;
  document.getElementById("token-why").textContent = clean(state.why);
  const field = document.getElementById("token-field");
  form.onsubmit = (event) => {
    event.preventDefault();
    feed.useToken(field.value.trim());
    field.value = "";
  };
  if (was) field.focus();
}
