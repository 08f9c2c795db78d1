// Exceptions that end: what no longer alerts, why, whose decision that was and until when. The form writes one as a file, which the
// engine checks together with all rules before it counts.

import { h, show, cut, outside } from './dom.js';
import { get, offers, post } from './api.js';
import { clear, failed, note } from './notice.js';
import { recall, remember } from './remembered.js';
import { count, localDay, moment } from './format.js';

const DAYS = 14;

export function exceptions(root, query) {
  const stop = new AbortController();
  const place = h('div', { class: 'scroll', role: 'group', 'aria-label': 'Exceptions', tabindex: '0', id: 'exceptions' });
  const write = h('button', { type: 'button', id: 'new-exception', hidden: true, onclick: () => open(new URLSearchParams()) }, 'New exception');
  const formPlace = h('div', { id: 'exception-place' });
  root.append(h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Exceptions'), h('div', { class: 'actions' }, write)),
    h('p', { class: 'hint' }, 'A filter that keeps rules from alerting on what is known, for a time.'), formPlace, place);

  function open(given) {
    show(formPlace);
    show(formPlace, form(given, () => {
      show(formPlace);
      load();
    }));
    formPlace.querySelector('input').focus();
  }

  async function load() {
    try {
      const found = await get('exceptions', {}, stop.signal);
      clear('view');
      show(place, found.exceptions.length === 0 ? h('p', { class: 'nothing' }, 'There are no exceptions.') : list(found.exceptions));
    } catch (error) {
      failed('view', error, load);
    }
  }
  load();
  offers('post', 'exceptions').then((able) => {
    write.hidden = !able;
    if (able && !stop.signal.aborted && query.get('rule')) open(query);
  });
  return { title: 'Exceptions', update: (next) => { if (next.get('rule') && !write.hidden) open(next); }, leave: () => stop.abort() };
}

function list(all) {
  return h('table', {}, h('caption', { class: 'unseen' }, 'Exceptions in force'),
    h('thead', {}, h('tr', {}, ['Exception', 'Rules', 'Until', 'Reason', 'Owner', 'Matches'].map((text, index) => h('th', { scope: 'col', class: index === 5 ? 'number' : null }, text)))),
    h('tbody', {}, all.map((one) => h('tr', { 'data-key': one.id }, h('th', { scope: 'row' }, outside(one.title), h('p', { class: 'dim small' }, outside(one.file))),
      h('td', {}, h('ul', { class: 'plain' }, [one.rule ?? []].flat().map((rule) => h('li', {}, h('a', { href: `#/rules/${encodeURIComponent(rule)}` }, cut(rule)))))),
      h('td', {}, /T/.test(one.expires ?? '') ? moment(one.expires) : outside(one.expires ?? '–')), h('td', { class: 'wraps', dir: 'auto' }, one.reason), h('td', {}, cut(one.owner ?? '–')), h('td', { class: 'number' }, count(one.matches))))));
}

function form(given, done) {
  const until = new Date(Date.now() + DAYS * 86_400_000);
  const input = (id, attributes) => h('input', { id: `exception-${id}`, required: true, dir: 'auto', ...attributes });
  const title = input('title', { maxlength: 200 });
  const rule = input('rules', { value: given.getAll('rule').join(' '), 'aria-describedby': 'exception-rules-hint' });
  const fields = h('textarea', { id: 'exception-fields', rows: 3, required: true, spellcheck: 'false', 'aria-describedby': 'exception-fields-hint', dir: 'auto' });
  fields.value = given.getAll('field').join('\n');
  const expires = input('expires', { type: 'date', value: localDay(until) });
  const reason = h('textarea', { id: 'exception-reason', rows: 2, maxlength: 2000, required: true, dir: 'auto' });
  const owner = input('owner', { value: recall('name'), autocomplete: 'name', maxlength: 200 });
  const error = h('p', { class: 'error', id: 'exception-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'primary', id: 'exception-save' }, 'Write the exception');
  const submit = async (event) => {
    event.preventDefault();
    error.textContent = '';
    const pairs = fields.value.split('\n').map((line) => line.trim()).filter(Boolean).map((line) => line.split(/\s*=\s*(.*)/s));
    if (pairs.some(([name, value]) => !name || value === undefined)) {
      error.textContent = 'Write one field a line, as name = value.';
      fields.focus();
      return;
    }
    button.disabled = true;
    try {
      const written = await post('exceptions', { title: title.value.trim(), rules: rule.value.split(/[\s,]+/).filter(Boolean), fields: Object.fromEntries(pairs.map(([name, value]) => [name, value])), expires: expires.value, reason: reason.value.trim(), owner: owner.value.trim() });
      remember('name', owner.value.trim());
      note(`Written: ${written.file}`);
      done();
    } catch (failure) {
      error.textContent = failure.message;
    } finally {
      button.disabled = false;
    }
  };
  const row = (name, field, hint) => h('p', { class: 'field' }, h('label', { for: field.id }, name), field, hint ? h('span', { class: 'hint', id: `${field.id}-hint` }, hint) : null);
  return h('form', { class: 'card form', id: 'exception-form', 'aria-labelledby': 'exception-form-title', onsubmit: submit },
    h('h2', { id: 'exception-form-title' }, 'New exception'),
    row('Title', title), row('Rules', rule, 'Ids, with spaces between them'), row('Fields', fields, 'One a line, name = value; all of them must fit'),
    row('Until', expires), row('Reason', reason), row('Owner', owner), error,
    h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: done }, 'Cancel'), button));
}
