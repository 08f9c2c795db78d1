// All rules that run: what kind they are, what they cost, how often they matched, how many groups they hold, and when they last alerted.

import { h, show, cut, outside } from './dom.js';
import { get } from './api.js';
import { clear, failed } from './notice.js';
import { onKey } from './keys.js';
import { engine } from './engine.js';
import { throttle } from './throttle.js';
import { LEVELS, levelBadge } from './badges.js';
import { count, many, moment } from './format.js';
import { sortedTable } from './sorted_table.js';

const PACE = 10_000;
const KINDS = [['', 'All kinds'], ['correlation', 'Correlations'], ['detection', 'Detections'], ['metric', 'Metrics']];
const sort = { name: 'alerts', down: true };

export function rules(root) {
  const stop = new AbortController();
  let list = null;
  const search = h('input', { type: 'search', id: 'rule-search', 'aria-label': 'Search rules', placeholder: 'Search name, title or file', oninput: () => draw() });
  const kind = h('select', { id: 'rule-kind', 'aria-label': 'Kind', onchange: () => draw() }, KINDS.map(([value, text]) => h('option', { value }, text)));
  const tally = h('p', { class: 'dim', id: 'rules-count' }, '…');
  const place = h('div', { class: 'scroll', role: 'group', 'aria-label': 'Rules', tabindex: '0', id: 'rules' });
  root.append(h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Rules'), tally), h('div', { class: 'bar-of-filters', role: 'search', 'aria-label': 'Rules' }, search, kind), place);

  const columns = [
    { name: 'title', title: 'Rule', value: (rule) => rule.title ?? rule.name, cell: (rule) => [h('a', { href: `#/rules/${encodeURIComponent(rule.id)}` }, outside(rule.title ?? rule.name)), h('p', { class: 'dim small' }, outside(rule.name))] },
    { name: 'kind', title: 'Type', value: (rule) => rule.type ?? rule.kind, cell: (rule) => [outside(rule.type ?? rule.kind), rule.type && rule.kind !== 'correlation' ? h('span', { class: 'dim' }, ` ${rule.kind}`) : null] },
    { name: 'level', title: 'Level', value: (rule) => -LEVELS.indexOf(rule.level), cell: (rule) => (rule.kind === 'metric' || !rule.level ? h('span', { class: 'dim' }, '–') : levelBadge(rule.level)) },
    { name: 'status', title: 'State', value: (rule) => rule.status, cell: (rule) => cut(rule.status ?? '–') },
    { name: 'looked', title: 'Looked at', class: 'number', value: (rule) => rule.looked_at, cell: (rule) => count(rule.looked_at) },
    { name: 'matches', title: 'Matches', class: 'number', value: (rule) => rule.matches, cell: (rule) => count(rule.matches) },
    { name: 'groups', title: 'Groups', class: 'number', value: (rule) => rule.groups, cell: (rule) => count(rule.groups) },
    { name: 'alerts', title: 'Alerts', class: 'number', value: (rule) => rule.alerts, cell: (rule) => (rule.alerts > 0 ? h('a', { href: `#/alerts?rule=${encodeURIComponent(rule.id)}` }, count(rule.alerts)) : count(rule.alerts)) },
    { name: 'last', title: 'Last alert', value: (rule) => (rule.last_alert ? Date.parse(rule.last_alert) : null), cell: (rule) => moment(rule.last_alert) },
    { name: 'tests', title: 'Tests', class: 'number', value: (rule) => rule.tests, cell: (rule) => count(rule.tests) },
  ];

  function draw() {
    if (!list) return;
    const words = search.value.toLowerCase().split(/\s+/);
    const found = list.filter((rule) => (!kind.value || rule.kind === kind.value) && words.every((word) => [rule.name, rule.title, rule.file, rule.type].join('\n').toLowerCase().includes(word)));
    tally.textContent = many(found.length, 'rule');
    show(place, found.length === 0 ? h('p', { class: 'nothing' }, 'No rule fits.') : sortedTable('Rules that run', columns, found, sort, draw, (rule) => rule.id));
  }

  async function load() {
    try {
      list = (await get('rules', {}, stop.signal)).rules;
      clear('view');
      draw();
    } catch (error) {
      failed('view', error, load);
    }
  }
  const soon = throttle(load, PACE);
  engine.addEventListener('status', soon);
  onKey((key) => {
    if (key !== '/') return false;
    search.focus();
    return true;
  });
  load();
  return {
    title: 'Rules',
    leave() {
      stop.abort();
      soon.cancel();
      engine.removeEventListener('status', soon);
    },
  };
}
