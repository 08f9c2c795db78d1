// Exceptions that end: what no longer alerts, why, whose decision that was and until when. The form is in `except.js`.

import { h, show, cut, outside } from './dom.js';
import { get, remove } from './api.js';
import { clear, failed, note } from './notice.js';
import { recall } from './remembered.js';
import { count, moment } from './format.js';
import { affected, form, writable } from './except.js';

const STATES = {
  waiting: 'comes with the next snapshot',
  'in use': 'in use',
  ending: 'goes with the next snapshot',
  expired: 'over',
};
/** How often it is looked again while something waits for the engine. */
const AGAIN = 3000;

export function exceptions(root, query) {
  const stop = new AbortController();
  let timer = 0;
  const place = h('div', { class: 'scroll', role: 'group', 'aria-label': 'Exceptions', tabindex: '0', id: 'exceptions' });
  const write = h('button', { type: 'button', id: 'new-exception', hidden: true, onclick: () => open(new URLSearchParams()) }, 'New exception');
  const formPlace = h('div', { id: 'exception-place' });
  root.append(h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Exceptions'), h('div', { class: 'actions' }, write)),
    h('p', { class: 'hint' }, 'A filter that keeps rules from alerting on what is known, for a time.'), formPlace, place);

  function open(given) {
    show(formPlace);
    formPlace.append(form(given, () => {
      show(formPlace);
      if (write.isConnected) write.focus({ preventScroll: true });
      load();
    }));
    formPlace.querySelector('input').focus();
  }

  async function load() {
    clearTimeout(timer);
    try {
      const found = await get('exceptions', {}, stop.signal);
      clear('view');
      show(place, found.exceptions.length === 0 ? h('p', { class: 'nothing' }, 'There are no exceptions.') : list(found.exceptions, end));
      if (found.exceptions.some((one) => one.state === 'waiting' || one.state === 'ending')) timer = setTimeout(load, AGAIN);
    } catch (error) {
      failed('view', error, load);
    }
  }

  async function end(one) {
    const by = recall('name');
    try {
      await remove(`exceptions/${encodeURIComponent(one.id)}${by ? `?by=${encodeURIComponent(by)}` : ''}`);
      note(`Ended: ${one.title}`);
      load();
    } catch (error) {
      failed('view', error);
    }
  }

  load();
  writable().then((able) => {
    write.hidden = !able;
    if (able && !stop.signal.aborted && query.get('rule')) open(query);
  });
  return {
    title: 'Exceptions',
    update: (next) => { if (next.get('rule') && !write.hidden) open(next); },
    leave: () => {
      stop.abort();
      clearTimeout(timer);
    },
  };
}

function list(all, end) {
  const heads = ['Exception', 'Applies to', 'Until', 'Reason', 'Owner', 'Matches', 'End'];
  return h('table', {}, h('caption', { class: 'unseen' }, 'Exceptions'),
    h('thead', {}, h('tr', {}, heads.map((text, index) => h('th', { scope: 'col', class: index === 5 ? 'number' : null }, text)))),
    h('tbody', {}, all.map((one) => h('tr', { 'data-key': one.id, class: one.state === 'expired' ? 'over' : null },
      h('th', { scope: 'row' }, outside(one.title), h('p', { class: 'dim small file', dir: 'ltr' }, one.file)),
      h('td', {}, touched(one)),
      h('td', {}, one.expires ? moment(one.expires) : 'no end', h('p', {}, h('span', { class: 'badge' }, STATES[one.state] ?? one.state))),
      h('td', { class: 'wraps', dir: 'auto' }, one.reason),
      h('td', {}, cut(one.owner ?? '–')),
      h('td', { class: 'number' }, count(one.matches)),
      h('td', {}, one.removable ? h('button', { type: 'button', class: 'end-exception', 'aria-label': `End: ${one.title}`, onclick: () => end(one) }, 'End') : null)))));
}

/** The detections that the filter is on, and what else they are part of. */
function touched(one) {
  const link = (id, title) => h('a', { href: `#/rules/${encodeURIComponent(id)}` }, cut(title));
  const touches = one.touches ?? [];
  const titles = new Map(touches.map((rule) => [rule.id, rule.title]));
  const above = touches.filter((rule) => !(one.rule ?? []).includes(rule.id));
  return [
    h('ul', { class: 'plain' }, (one.rule ?? []).map((id) => h('li', {}, link(id, titles.get(id) ?? id)))),
    above.length === 0 ? null : h('details', {}, h('summary', { class: 'small' }, `and through them ${above.length}`), affected(above)),
  ];
}
