// One alert: what happened in a sentence, what people did about it, the evidence on a time line, and the whole document as the sinks got it.

import { h, show, brief, cut, outside } from './dom.js';
import { get } from './api.js';
import { clear, failed } from './notice.js';
import { onKey } from './keys.js';
import { stream } from './stream.js';
import { throttle } from './throttle.js';
import { count, moment, points } from './format.js';
import { levelBadge, levelClass, lifeBadge, statusBadge, technique } from './badges.js';
import { acknowledge, close, reopen } from './life.js';
import { copyButton } from './copy.js';
import { left } from './alerts.js';
import { timeline } from './timeline.js';
import { writable } from './except.js';

const PACE = 1000;

export function alert(root, query, id) {
  const stop = new AbortController();
  let known = null;
  const back = h('p', { class: 'back' }, h('a', { href: left.address, id: 'back' }, '← Alerts'));
  const body = h('div', { class: 'alert-page' }, h('h1', { tabindex: '-1' }, 'Alert'));
  root.append(back, body);

  async function load() {
    try {
      const [found, excepts] = await Promise.all([get(`alerts/${encodeURIComponent(id)}`, {}, stop.signal), writable()]);
      known = found;
      clear('view');
      document.title = `${brief(known.message, 120)} – Clarion`;
      const atHead = body.querySelector('h1') === document.activeElement;
      show(body, page(known, act, excepts));
      if (atHead) body.querySelector('h1').focus({ preventScroll: true });
    } catch (error) {
      if (error.status === 404) show(body, h('h1', { tabindex: '-1' }, 'This alert is not here'), h('p', {}, 'The console keeps alerts for a bounded time; it may be in the sinks.'));
      else failed('view', error, load);
    }
  }

  async function act(what) {
    if (await what(known)) await load();
    // The button that was pressed may be gone.
    if (document.activeElement === document.body) body.querySelector('#actions button')?.focus({ preventScroll: true });
  }

  const soon = throttle(load, PACE);
  const onAlert = ({ detail }) => { if (detail.id === id) soon(); };
  stream.addEventListener('alert', onAlert);
  stream.addEventListener('gap', soon);
  onKey((key) => {
    if (!known) return false;
    if (key === 'a' && known.life.state === 'new') act(acknowledge);
    else if (key === 'c' && known.life.state !== 'closed') act(close);
    else return false;
    return true;
  });
  load();

  return {
    title: 'Alert',
    leave() {
      stop.abort();
      soon.cancel();
      stream.removeEventListener('alert', onAlert);
      stream.removeEventListener('gap', soon);
    },
  };
}

function page(alert, act, excepts) {
  return [
    h('div', { class: `hero ${levelClass(alert.level)}` },
      h('p', { class: 'badges' }, levelBadge(alert.level), lifeBadge(alert.life), statusBadge(alert.status)),
      h('h1', { tabindex: '-1', id: 'alert-title' }, outside(alert.message)),
      h('p', { class: 'sentence', id: 'alert-reason' }, alert.reason),
      h('div', { class: 'actions', id: 'actions' },
        alert.life.state === 'new' ? h('button', { type: 'button', class: 'primary', id: 'acknowledge', onclick: () => act(acknowledge) }, 'Acknowledge') : null,
        alert.life.state !== 'closed' ? h('button', { type: 'button', id: 'close', onclick: () => act(close) }, 'Close …') : null,
        alert.life.state !== 'new' ? h('button', { type: 'button', id: 'reopen', onclick: () => act(reopen) }, 'Open again') : null,
        excepts ? h('a', { class: 'button', id: 'make-exception', href: exceptionAddress(alert) }, 'Except …') : null)),
    h('div', { class: 'columns' },
      h('section', { class: 'card', 'aria-labelledby': 'timeline-title' }, h('h2', { id: 'timeline-title' }, 'Time line'), timeline(alert.timeline ?? [])),
      h('div', { class: 'aside' }, facts(alert), lives(alert), revisions(alert))),
    documented(alert.document),
  ];
}

function exceptionAddress(alert) {
  const group = (alert.group ?? []).filter(([, value]) => value !== null);
  if (group.length === 0 && alert.model?.name) group.push(['aigov.model.name', alert.model.name]);
  const title = [alert.rule.name, group.map(([, value]) => value).join(', ')].filter(Boolean).join(': ');
  const query = new URLSearchParams({ rule: alert.rule.id, alert: alert.id, title });
  for (const [field, value] of group) query.append('field', `${field}=${value}`);
  return `#/exceptions?${query}`;
}

function facts(alert) {
  const line = (name, ...value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return h('section', { class: 'card', 'aria-labelledby': 'facts-title' }, h('h2', { id: 'facts-title' }, 'Facts'), h('dl', { class: 'facts', id: 'facts' },
    line('Rule', h('a', { href: `#/rules/${encodeURIComponent(alert.rule.id)}` }, outside(alert.rule.name))),
    alert.model?.name ? line('Model', h('a', { href: `#/alerts?model=${encodeURIComponent(alert.model.name)}` }, outside(alert.model.name)), alert.model.version ? [' ', outside(alert.model.version)] : null) : null,
    (alert.group ?? []).filter(([field, value]) => field !== 'aigov.model.name' || value !== alert.model?.name).map(([field, value]) => line(outside(field), value === null ? h('span', { class: 'dim' }, 'missing') : h('a', { href: `#/alerts?group=${encodeURIComponent(value)}` }, outside(value)))),
    (alert.techniques ?? []).length > 0 ? line('Techniques', h('ul', { class: 'plain' }, alert.techniques.map((one) => h('li', {}, technique(one))))) : null,
    line('Risk score', points(alert.risk_score)),
    line('Events', `${count(alert.count)}, ${count(alert.evidence ?? 0)} of them as evidence`),
    line('First event', moment(alert.first_seen)),
    line('Last event', moment(alert.last_seen)),
    line('Alert time', moment(alert.time)),
    line('Seen here', moment(alert.seen)),
    line('Id', h('code', { class: 'id' }, cut(alert.id)), copyButton(alert.id, 'the id'))));
}

function lives(alert) {
  const list = alert.lives ?? [];
  return h('section', { class: 'card', 'aria-labelledby': 'lives-title' }, h('h2', { id: 'lives-title' }, 'What people did'),
    list.length === 0 ? h('p', { class: 'nothing' }, 'Nobody has looked at it yet.') : h('ol', { class: 'lives', id: 'lives' }, list.map((one) => h('li', {},
      h('p', {}, lifeBadge(one), ' by ', outside(one.by ?? 'nobody'), ' ', moment(one.at)), one.reason ? h('p', { class: 'reason', dir: 'auto' }, one.reason) : null))));
}

function revisions(alert) {
  const list = alert.revisions ?? [];
  return h('section', { class: 'card', 'aria-labelledby': 'revisions-title' }, h('h2', { id: 'revisions-title' }, 'Revisions'),
    h('ol', { class: 'plain', id: 'revisions' }, list.map((one) => h('li', {}, h('b', {}, `${one.revision} `), statusBadge(one.status), ' ', moment(one.time)))));
}

function documented(document) {
  const text = JSON.stringify(document, null, 2);
  return h('section', { class: 'card', 'aria-labelledby': 'document-title' }, h('h2', { id: 'document-title' }, 'Document'),
    h('details', { id: 'document' }, h('summary', {}, 'As the sinks got it'), copyButton(text, 'the document'), h('pre', { tabindex: '0', dir: 'ltr', 'aria-label': 'Document as JSON' }, text)));
}
