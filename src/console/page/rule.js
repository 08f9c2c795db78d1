// One rule: what it does in plain sentences, what to do when it alerts, how it is tested, and its text.

import { h, show, away, outside } from './dom.js';
import { get } from './api.js';
import { clear, failed } from './notice.js';
import { levelBadge, technique } from './badges.js';
import { count, moment } from './format.js';
import { copyButton } from './copy.js';

export function rule(root, query, id) {
  const stop = new AbortController();
  const body = h('div', { class: 'alert-page' }, h('h1', { tabindex: '-1' }, 'Rule'));
  root.append(h('p', { class: 'back' }, h('a', { href: '#/rules', id: 'back' }, '← Rules')), body);
  async function load() {
    try {
      const found = await get(`rules/${encodeURIComponent(id)}`, {}, stop.signal);
      clear('view');
      document.title = `${found.title ?? found.name} – Clarion`;
      const atHead = body.querySelector('h1') === document.activeElement;
      show(body, page(found));
      if (atHead) body.querySelector('h1').focus({ preventScroll: true });
    } catch (error) {
      if (error.status === 404) show(body, h('h1', { tabindex: '-1' }, 'There is no such rule'), h('p', {}, 'It may have been taken away since it alerted.'));
      else failed('view', error, load);
    }
  }
  load();
  return { title: 'Rule', leave: () => stop.abort() };
}

function page(rule) {
  const fact = (name, ...value) => h('div', {}, h('dt', {}, name), h('dd', {}, value));
  return [
    h('h1', { tabindex: '-1', dir: 'auto' }, rule.title ?? rule.name),
    h('p', { class: 'badges' }, rule.level && rule.kind !== 'metric' ? levelBadge(rule.level) : null, h('span', { class: 'badge' }, rule.type ?? rule.kind), rule.status ? h('span', { class: 'badge' }, rule.status) : null),
    rule.description ? h('p', { class: 'description', dir: 'auto' }, rule.description) : null,
    h('div', { class: 'columns' },
      h('div', {},
        lines('explanation', 'What it does', rule.explanation, 'ul'),
        lines('triage', 'What to do when it alerts', rule.triage, 'ol'),
        lines('falsepositives', 'When it is a false alarm', rule.falsepositives, 'ul'),
        tests(rule.tests)),
      h('div', { class: 'aside' },
        card('rule-facts', 'Facts', h('dl', { class: 'facts' },
          fact('Name', outside(rule.name)), fact('Id', h('code', { class: 'id' }, outside(rule.id)), copyButton(rule.id, 'the id')),
          fact('File', h('code', {}, outside(`${rule.file ?? '–'}${rule.line ? `:${rule.line}` : ''}`))),
          fact('Alerts', rule.alerts > 0 ? h('a', { href: `#/alerts?rule=${encodeURIComponent(rule.id)}` }, count(rule.alerts)) : count(rule.alerts)),
          fact('Last alert', moment(rule.last_alert)), fact('Cost', `looked at ${count(rule.looked_at)} times`), fact('Matches', count(rule.matches)), fact('Groups held', count(rule.groups)))),
        (rule.techniques ?? []).length > 0 ? card('rule-techniques', 'Techniques', h('ul', { class: 'plain' }, rule.techniques.map((one) => h('li', {}, technique(one))))) : null,
        (rule.tags ?? []).length > 0 ? card('rule-tags', 'Tags', h('ul', { class: 'tags' }, rule.tags.map((one) => h('li', {}, outside(one))))) : null,
        (rule.references ?? []).length > 0 ? card('rule-references', 'References', h('ul', { class: 'plain' }, rule.references.map((one) => h('li', {}, away(one))))) : null)),
    rule.source ? card('rule-source', 'Source', h('details', { id: 'source' }, h('summary', {}, 'YAML'), copyButton(rule.source, 'the source'), h('pre', { tabindex: '0', dir: 'ltr', 'aria-label': 'Source as YAML' }, rule.source))) : null,
  ];
}

function card(id, title, ...body) {
  return h('section', { class: 'card', id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), body);
}

function lines(id, title, list, tag) {
  if ((list ?? []).length === 0) return null;
  return card(id, title, h(tag, {}, list.map((line) => h('li', { dir: 'auto' }, line))));
}

function tests(list) {
  if (typeof list === 'number' || (list ?? []).length === 0) return null;
  return card('tests', 'Tests', h('div', { class: 'scroll', role: 'group', 'aria-label': 'Tests', tabindex: '0' }, h('table', {}, h('caption', { class: 'unseen' }, 'Tests of this rule'),
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'When'), h('th', { scope: 'col' }, 'Expected'))),
    h('tbody', {}, list.map((test) => h('tr', {}, h('th', { scope: 'row' }, outside(test.name)), h('td', {}, outside(typeof test.expect === 'string' ? test.expect : JSON.stringify(test.expect)))))))));
}
