// The form that asks for an exception: for which rules, for which events, until when, why. The engine writes it as a rule file, which
// it checks together with all rules; what it would touch as well is shown before it is written.

import { h, show, cut } from './dom.js';
import { get, offers, post } from './api.js';
import { note } from './notice.js';
import { recall, remember } from './remembered.js';
import { fromField, toField } from './format.js';

const HOUR = 3_600_000;
/** Time boxes, in hours: the short ones silence, the long ones except. */
const BOXES = [['1 hour', 1], ['8 hours', 8], ['24 hours', 24], ['7 days', 168], ['14 days', 336], ['30 days', 720]];
const USUAL = 24;
const EFFECTS = { fewer: 'fewer alerts', more: 'more alerts', changed: 'other values' };

let able = null;

/** Whether this engine writes exceptions: what it cannot do is not offered. */
export async function writable() {
  able ??= offers('post', 'exceptions').then(async (known) => known && Boolean((await get('exceptions')).writable));
  try {
    return await able;
  } catch {
    able = null;
    return false;
  }
}

/** The form, filled with what the address says: `rule`, `field` (name=value), `title`, `alert`. */
export function form(given, done) {
  const input = (id, attributes) => h('input', { id: `exception-${id}`, required: true, dir: 'auto', ...attributes });
  const title = input('title', { maxlength: 200, value: (given.get('title') ?? '').slice(0, 200) });
  const rules = input('rules', { value: given.getAll('rule').join(' '), 'aria-describedby': 'exception-rules-hint' });
  const pairs = h('div', { class: 'pairs', id: 'exception-fields', role: 'group', 'aria-labelledby': 'exception-fields-label' });
  for (const field of given.getAll('field')) add(pairs, ...split(field));
  if (pairs.children.length === 0) add(pairs, '', '');
  const expires = input('expires', { type: 'datetime-local', dir: 'ltr' });
  const box = (hours) => { expires.value = toField(new Date(Date.now() + hours * HOUR).toISOString()); };
  box(USUAL);
  const reason = h('textarea', { id: 'exception-reason', rows: 2, maxlength: 2000, required: true, dir: 'auto' });
  const owner = input('owner', { value: recall('name'), autocomplete: 'name', maxlength: 200 });
  const also = h('div', { id: 'exception-also', hidden: true });
  const error = h('p', { class: 'error', id: 'exception-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'primary', id: 'exception-save' }, 'Write the exception');

  function forget() {
    show(also);
    also.hidden = true;
    button.textContent = 'Write the exception';
  }

  const submit = async (event) => {
    event.preventDefault();
    error.textContent = '';
    const fields = {};
    for (const pair of pairs.children) {
      const [name, value] = [pair.querySelector('input').value.trim(), pair.querySelector('textarea').value];
      if (name) fields[name] = value;
    }
    const until = fromField(expires.value);
    button.disabled = true;
    try {
      const written = await post('exceptions', {
        title: title.value.trim(), rules: rules.value.split(/[\s,]+/).filter(Boolean), fields, expires: until,
        reason: reason.value.trim(), owner: owner.value.trim(), also_accepted: !also.hidden, ...(given.get('alert') ? { alert: given.get('alert') } : {}),
      });
      remember('name', owner.value.trim());
      note(`Written: ${written.file}`);
      done();
    } catch (failure) {
      const others = failure.problem?.also;
      if (Array.isArray(others) && others.length > 0) {
        show(also, h('p', {}, 'Other rules see the same events. This exception touches them as well:'), affected(others));
        also.hidden = false;
        button.textContent = 'Write it all the same';
      } else {
        error.textContent = [failure.message, ...(failure.problem?.diagnostics ?? [])].join('\n');
      }
    } finally {
      button.disabled = false;
    }
  };
  const row = (name, field, hint) => h('div', { class: 'field' }, h('label', { for: field.id }, name), field, hint ? h('span', { class: 'hint', id: `${field.id}-hint` }, hint) : null);
  return h('form', { class: 'card form', id: 'exception-form', 'aria-labelledby': 'exception-form-title', onsubmit: submit, oninput: forget },
    h('h2', { id: 'exception-form-title' }, 'New exception'),
    row('Title', title), row('Rules', rules, 'Ids or names, with spaces between them'),
    h('div', { class: 'field' }, h('span', { class: 'label', id: 'exception-fields-label' }, 'Fields'), pairs,
      h('p', {}, h('button', { type: 'button', class: 'quiet', id: 'exception-add', onclick: () => add(pairs, '', '') }, 'Add a field')),
      h('span', { class: 'hint' }, 'All of them must have exactly these values.')),
    row('Until', expires),
    h('p', { class: 'boxes', role: 'group', 'aria-label': 'Time from now' }, BOXES.map(([name, hours]) => h('button', { type: 'button', class: 'quiet', onclick: () => box(hours) }, name))),
    row('Reason', reason), row('Owner', owner), also, error,
    h('p', { class: 'buttons' }, h('button', { type: 'button', onclick: done }, 'Cancel'), button));
}

/** Rules with what an exception does to them. */
export function affected(rules) {
  return h('ul', { class: 'plain touched' }, rules.map((rule) => h('li', {},
    h('a', { href: `#/rules/${encodeURIComponent(rule.id)}` }, cut(rule.title)), ' ', h('span', { class: 'dim small' }, EFFECTS[rule.effect] ?? ''))));
}

/** Name and value of `name=value`; a value may hold further signs. */
function split(field) {
  const at = field.indexOf('=');
  return at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
}

function add(pairs, name, value) {
  const number = pairs.children.length + 1;
  const pair = h('div', { class: 'pair' },
    h('input', { value: name, maxlength: 200, spellcheck: 'false', autocapitalize: 'none', 'aria-label': `Field ${number}`, placeholder: 'aigov.model.name', dir: 'auto' }),
    h('textarea', { rows: 1, maxlength: 4000, spellcheck: 'false', 'aria-label': `Value ${number}`, dir: 'auto' }),
    h('button', { type: 'button', class: 'quiet', 'aria-label': `Leave out field ${number}`, onclick: () => pair.remove() }, '×'));
  pair.querySelector('textarea').value = value;
  pairs.append(pair);
}
