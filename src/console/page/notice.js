// Says what happened: a banner for what is wrong and stays wrong, a short note for what was done, and one live region through
// which assistive technology hears of both notes and new alerts, at a pace that can be listened to.

import { h, brief, show } from './dom.js';
import { many } from './format.js';
import { LEVELS } from './badges.js';

/** New alerts are spoken of at most this often. */
const PACE = 10_000;
const NOTE = 5000;

const problems = new Map();
const place = (id) => document.getElementById(id);

/** Shows a problem until it is cleared. `more` is shown and not spoken, such as a countdown. */
export function problem(name, text, { more = '', action = null } = {}) {
  problems.set(name, { text, more, action });
  draw();
}

export function clear(name) {
  if (problems.delete(name)) draw();
}

function draw() {
  const banner = place('banner');
  banner.hidden = problems.size === 0;
  document.body.classList.toggle('troubled', problems.size > 0);
  show(banner, [...problems].map(([name, { text, more, action }]) => h('p', { 'data-key': name, id: `problem-${name}` },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, '!'), h('span', { class: 'what', dir: 'auto' }, text),
    h('span', { class: 'more', 'aria-hidden': 'true' }, more),
    action ? h('button', { type: 'button', onclick: action.run }, action.label) : null)));
}

/** The problem of an answer that failed, in its own words. */
export function failed(name, error, again) {
  if (error.name === 'AbortError' || error.status === 401) return;
  problem(name, error.message, { action: again ? { label: 'Try again', run: again } : null });
}

let noteTimer = 0;

/** Says in a line what was done, and takes it away again. */
export function note(text) {
  const toast = place('toast');
  toast.textContent = brief(text);
  toast.hidden = false;
  say(brief(text));
  clearTimeout(noteTimer);
  noteTimer = setTimeout(() => { toast.hidden = true; }, NOTE);
}

function say(text) {
  place('announcer').textContent = text;
}

let waiting = [];
let spoken = -Infinity;
let speaking = 0;

/** Tells of a new alert, together with those that come at the same time. */
export function heard(alert) {
  waiting.push({ level: alert.level, message: brief(alert.message) });
  if (waiting.length > 10_000) waiting = waiting.slice(-1000);
  if (speaking) return;
  speaking = setTimeout(() => {
    speaking = 0;
    spoken = performance.now();
    const worst = waiting.reduce((one, other) => (LEVELS.indexOf(other.level) < LEVELS.indexOf(one.level) ? other : one));
    say(waiting.length === 1 ? `New ${worst.level} alert: ${worst.message}` : `${many(waiting.length, 'new alert')}, the worst ${worst.level}: ${worst.message}`);
    waiting = [];
  }, Math.max(300, spoken + PACE - performance.now()));
}
