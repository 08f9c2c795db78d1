// The time line of an alert: what happened, what was expected and did not, until when it was waited for, and where each record lies
// in the log. A strip to scale shows it at a glance; the list below says the same in words.

import { h, s, cut, outside } from './dom.js';
import { duration, moment } from './format.js';
import { copyButton } from './copy.js';
import { icon } from './icons.js';

const KINDS = {
  event: 'Happened',
  missing: 'Expected, did not happen',
  deadline: 'Waited until',
  alert: 'Alert',
};

export function timeline(items) {
  const known = items.map((item) => ({ ...item, kind: Object.hasOwn(KINDS, item.kind) ? item.kind : 'event', at: Date.parse(item.time) }));
  return [strip(known), h('ol', { class: 'timeline', id: 'timeline' }, known.map((item, index) => entry(item, known[index - 1])))];
}

function entry(item, before) {
  const after = before && Number.isFinite(item.at - before.at) && item.at > before.at ? `+${duration(item.at - before.at)}` : '';
  return h('li', { class: `kind-${item.kind}`, 'data-kind': item.kind },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, icon(item.kind)),
    h('div', { class: 'when' }, moment(item.time), after ? h('span', { class: 'after' }, after) : null),
    h('div', { class: 'what' },
      h('p', { class: 'kind' }, KINDS[item.kind]), h('p', { class: 'title' }, outside(item.title)),
      (item.fields ?? []).length > 0 ? h('dl', { class: 'fields' }, item.fields.map(([field, value]) => h('div', {}, h('dt', {}, outside(field)), h('dd', {}, value === null ? h('span', { class: 'dim' }, 'missing') : long(value))))) : null,
      item.coordinates ? place(item.coordinates) : null));
}

/** A value in full, folded when it would fill the page. */
function long(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if ((text ?? '').length <= 300) return outside(text);
  return h('details', {}, h('summary', {}, cut(text.slice(0, 120)), h('span', { class: 'dim' }, ` … ${text.length} characters`)), h('bdi', { class: 'whole' }, text));
}

/** Where the record lies: topic, partition and offset, and which part of a batch it was. */
function place({ topic, partition, offset, sequence }) {
  const text = `${topic}/${partition}/${offset}`;
  return h('p', { class: 'place' }, h('span', { class: 'dim' }, 'Record '), h('code', { dir: 'ltr' }, outside(topic), `/${partition}/${offset}`),
    sequence ? h('span', { class: 'dim' }, ` part ${sequence}`) : null, copyButton(text, `place in the log ${text}`));
}

/** The same to scale; it adds nothing to the list, so it has no name. */
function strip(items) {
  const times = items.map(({ at }) => at).filter(Number.isFinite);
  const from = Math.min(...times);
  const to = Math.max(...times);
  if (times.length < 2 || from === to) return null;
  const share = (at) => 4 + ((at - from) / (to - from)) * 92;
  const until = items.find(({ kind }) => kind === 'deadline')?.at;
  const since = items.find(({ kind }) => kind === 'missing')?.at ?? items.findLast(({ kind, at }) => kind === 'event' && at <= until)?.at ?? from;
  const svg = s('svg', { class: 'strip', 'aria-hidden': 'true', height: 44, width: '100%' },
    s('line', { class: 'base', x1: '2%', x2: '98%', y1: 22, y2: 22 }),
    until > since ? s('rect', { class: 'waited', x: `${share(since)}%`, width: `${share(until) - share(since)}%`, y: 16, height: 12 }) : null,
    items.filter(({ at }) => Number.isFinite(at)).map(({ kind, at }) => s('svg', { class: `kind-${kind}`, x: `${share(at)}%`, y: 22, overflow: 'visible' }, icon(kind, { x: -8, y: -8, width: 16, height: 16 }))));
  return h('div', { class: 'strip-of-time', 'aria-hidden': 'true' }, svg, h('div', { class: 'ends' }, moment(items.find(({ at }) => at === from).time), h('span', { class: 'dim' }, duration(to - from)), moment(items.find(({ at }) => at === to).time)));
}
