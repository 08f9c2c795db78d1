// Makes elements. Everything a person reads goes in as a text node or as an attribute, so nothing that comes from outside is
// ever read as markup. `morph` turns what is on the page into what should be there and leaves alone what did not change:
// focus, an opened fold and the place of the scroll bar survive a refresh.

const SVG = 'http://www.w3.org/2000/svg';
const HANDLERS = ['onclick', 'onchange', 'oninput', 'onsubmit', 'onkeydown', 'ontoggle', 'onpointermove', 'onpointerleave'];

/** Attributes that a person reads or hears. */
const VISIBLE = new Set(['title', 'aria-label', 'placeholder']);
/** Control characters, and the marks that turn the direction of what follows. */
const TURNING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text that can be shown: what would change the look of other texts is shown as a sign of its own. */
function harmless(text) {
  return text.replace(TURNING, '\ufffd');
}

/** An HTML element. `on…` are handlers, `style` is an object, everything else is an attribute; null and false leave it out. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node[name] = value;
    else if (name === 'style') for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else if (name === 'value' && 'value' in node && node.tagName !== 'LI') node.value = value;
    else if (name === 'checked') node.checked = Boolean(value);
    else node.setAttribute(name, value === true ? '' : VISIBLE.has(name) ? harmless(String(value)) : String(value));
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === '') continue;
    if (Array.isArray(child)) append(node, child);
    else node.append(typeof child === 'string' ? harmless(child) : child);
  }
}

/** A text from outside, kept apart from the direction of what stands around it. */
export function outside(text, attributes) {
  return h('bdi', attributes, text ?? '');
}

/** Characters that a list shows of a text, and a title. A megabyte would be laid out as a whole to show one line of it. */
const BRIEF = 400;
const TITLE = 2000;

/** The beginning of a text, where the whole is one click away. */
export function brief(text, most = BRIEF) {
  const all = text ?? '';
  return all.length > most ? `${all.slice(0, most)}…` : all;
}

/** A text from outside that is cut by the style sheet; the whole text is in the title. */
export function cut(text, className = '') {
  return h('bdi', { class: `cut ${className}`.trim(), title: brief(text, TITLE) }, brief(text));
}

/** A link that leaves the console, if it is one that may: only https. Otherwise the text alone. */
export function away(address, text) {
  let target = null;
  try {
    target = new URL(address);
  } catch {
    // Not an address: it is shown as text.
  }
  if (target?.protocol !== 'https:') return outside(text ?? address);
  return h('a', { href: target.href, rel: 'noreferrer noopener', target: '_blank' }, outside(text ?? address),
    h('span', { class: 'unseen' }, ' (opens in a new tab)'));
}

/** Makes the children of `parent` what `children` says, changing as little as possible. */
export function show(parent, ...children) {
  const wanted = document.createElement(parent.tagName);
  append(wanted, children);
  morphChildren(parent, wanted);
}

function morph(old, wanted) {
  if (old.nodeType !== wanted.nodeType || old.nodeName !== wanted.nodeName || key(old) !== key(wanted)) {
    old.replaceWith(wanted);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== wanted.data) old.data = wanted.data;
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) return;
  for (const { name } of [...old.attributes]) {
    // Whether a fold is open is the reader's choice.
    if (!wanted.hasAttribute(name) && !(name === 'open' && old.tagName === 'DETAILS')) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) === value) continue;
    // The content security policy lets scripts set a style, but not the text of the attribute.
    if (name === 'style') old.style.cssText = value;
    else old.setAttribute(name, value);
  }
  for (const name of HANDLERS) if (old[name] !== wanted[name]) old[name] = wanted[name];
  if (old.tagName === 'INPUT' && old.checked !== wanted.checked) old.checked = wanted.checked;
  morphChildren(old, wanted);
  if (old.tagName === 'SELECT' && old.value !== wanted.value) old.value = wanted.value;
}

function morphChildren(old, wanted) {
  const keyed = new Map();
  for (const child of old.children) if (key(child)) keyed.set(key(child), child);
  let place = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const match = key(next) ? keyed.get(key(next)) : null;
    if (match && match !== place) {
      old.insertBefore(match, place);
      morph(match, next);
    } else if (place && (match || !key(place))) {
      const after = place.nextSibling;
      morph(place, next);
      place = after;
    } else {
      old.insertBefore(next, place);
    }
  }
  while (place) {
    const after = place.nextSibling;
    place.remove();
    place = after;
  }
}

function key(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null;
}
