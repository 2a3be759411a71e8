/**
 * Building elements. What comes from an article becomes a text node and nothing else; the page never parses markup.
 */

const SVG = "http://www.w3.org/2000/svg";
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
const STACKED = /([\p{Mn}\p{Me}]{4})([\p{Mn}\p{Me}]+)/gu; // marks that reach over the lines above and below

/**
 * `text` without characters that are not seen or that turn the direction of reading; each stands as a dot, so that every
 * character is still in its place. Line breaks stay.
 */
export function clean(text) {
  return String(text)
    .replace(UNSEEN, (char) => (char === "\n" || char === "\t" ? char : "·"))
    .replace(STACKED, (_, marks, more) => marks + "\u034f".repeat([...more].length)); // which is seen nowhere
}

/** An element with attributes and children; null, undefined and false are left out, of both. */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...given(children));
  return element;
}

function given(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

/** Puts `children` in place of what `element` holds. */
export function fill(element, ...children) {
  element.replaceChildren(...given(children));
}

/** A run of foreign text, which turns the direction of nothing around it. */
export function foreign(text, attributes = {}) {
  return el("bdi", attributes, clean(text));
}

/** `parts` with a separator between those that are there. */
export function joined(parts, separator = " · ") {
  return given(parts).flatMap((part, place) => (place ? [separator, part] : [part]));
}

/** The address as a URL if it may be a link: absolute, http or https. Else null. */
export function webAddress(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

/** A link to an article, or its words alone where the address may not be a link. */
export function outside(address, words, attributes = {}) {
  const url = webAddress(address);
  if (url === null) return foreign(words, attributes);
  const link = { ...attributes, href: url.href, rel: "noopener noreferrer", target: "_blank", title: url.host };
  return el("a", link, foreign(words), el("span", { class: "hidden" }, " (opens in a new tab)"));
}

/** A moment in the reader's own zone, with UTC for whoever points at it and for programs. */
export function moment(iso, words, attributes = {}) {
  const utc = iso.replace(/\.\d+/, "");
  return el("time", { ...attributes, datetime: iso, title: utc.replace("T", " ").replace("Z", " UTC") }, words);
}
