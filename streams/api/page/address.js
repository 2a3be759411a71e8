/** What is shown, kept in the fragment of the address: a view can be shared and gone back to, and the server never sees it. */

/** The parameters of the fragment: `alert`, `find`, `level` (of which there may be several), `rule`. */
export function parameters() {
  return new URLSearchParams(location.hash.slice(1));
}

/** The fragment that shows one alert. */
export function toAlert(id) {
  return `#${new URLSearchParams({ alert: id })}`;
}

/** Sets parameters (an empty list takes one out); with `state`, as a new step of the tab's history. */
export function change(changes, state = null) {
  const wanted = parameters();
  for (const [name, values] of Object.entries(changes)) {
    wanted.delete(name);
    for (const value of values) wanted.append(name, value);
  }
  const there = location.pathname + (wanted.size ? `#${wanted}` : "");
  if (state === null) history.replaceState(history.state, "", there);
  else history.pushState(state, "", there);
}
