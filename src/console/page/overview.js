// The state of the AI estate on one page: posture, what is open, the four governance widgets, the models with the highest risk, and
// alerts over time. It asks again when the stream says that something happened, at most every few seconds, and draws into
// places whose size is fixed.

import { h, show, cut, outside } from './dom.js';
import { get } from './api.js';
import { failed, clear } from './notice.js';
import { stream } from './stream.js';
import { engine } from './engine.js';
import { throttle } from './throttle.js';
import { LEVELS, levelClass, shape } from './badges.js';
import { LineChart, spark } from './chart_line.js';
import { StackedBars, bar, stacked } from './chart_bars.js';
import { gauge } from './chart_gauge.js';
import { count, moment, percent, points, ratio, signed } from './format.js';

const PACE = 4000;
const RANGES = [['', 'Last 14 days'], ['24h', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days']];
const HOURS = { '24h': 24, '7d': 168, '30d': 720 };

export function overview(root, query) {
  let range = query.get('range') ?? '';
  let newest = null;
  let seen = null;
  let stop = new AbortController();

  const charts = {
    risk: new LineChart('Model risk score over time, 0 to 100, high is bad', { range: [0, 100], format: points }),
    violations: new StackedBars('Policy violations over time by endpoint and policy'),
    drift: new LineChart('Drift score over time by model', { format: ratio }),
    completeness: new LineChart('Share of decisions with a whole audit trail over time by model', { range: [0, 1], format: percent }),
    alerts: new StackedBars('Alerts over time by level'),
  };
  const span = h('p', { class: 'dim', id: 'overview-span' });
  const choose = h('select', { id: 'overview-range', 'aria-label': 'Time range', onchange: () => { location.hash = choose.value ? `#/?range=${choose.value}` : '#/'; } },
    RANGES.map(([value, text]) => h('option', { value }, text)));
  choose.value = range;
  const tiles = h('div', { class: 'tiles', id: 'tiles' });
  const models = h('div', { class: 'scroll', role: 'group', 'aria-label': 'Top models by risk', tabindex: '0' });
  root.append(
    h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Overview'), span, h('div', { class: 'actions' }, choose)),
    tiles,
    h('div', { class: 'widgets' },
      widget('model-risk-score', 'Model Risk Score', '0 to 100, low is good: residual risk and fading alerts', charts.risk.element),
      widget('policy-violations', 'Real-time Policy Violations', 'Denials by endpoint and policy', charts.violations.element),
      widget('drift-trend', 'Drift Metrics Trend', 'Score of each model’s own method: compare a model with itself', charts.drift.element),
      widget('audit-completeness', 'Decision Audit Trail Completeness', 'Decisions that are logged, signed, reviewed in time and chained', charts.completeness.element),
      widget('top-models', 'Top models by risk', 'A name leads to the alerts of the model', models),
      widget('alerts-by-level', 'Alerts by level', 'By event time', charts.alerts.element)));
  tilesOf(tiles, null, null);

  const load = async () => {
    try {
      const bounds = {};
      if (HOURS[range] && newest) bounds.from = new Date(Date.parse(newest) - HOURS[range] * 3_600_000).toISOString();
      const [found, open] = await Promise.all([
        get('overview', bounds, stop.signal),
        get('facets', { status: 'open', life: ['new', 'acknowledged'] }, stop.signal),
      ]);
      const other = HOURS[range] && !newest;
      newest = found.to;
      clear('view');
      if (other) load();
      else draw(found, open);
    } catch (error) {
      failed('view', error, load);
    }
  };

  function draw(found, open) {
    show(span, moment(found.from), ' to ', moment(found.to));
    tilesOf(tiles, found, open);
    const { from, to } = found;
    charts.risk.update({ from, to, series: (found.risk ?? []).map((one) => ({ name: named(one), points: one.series })) });
    const violations = (found.violations ?? []).map((one) => ({ name: `${one.endpoint ?? 'no endpoint'} · ${one.policy ?? 'no policy'}`, points: one.series }));
    charts.violations.update({ from, to, series: violations.map(({ name }, index) => ({ name, class: `part-${index}` })), buckets: stacked(violations) });
    charts.drift.update({ from, to, series: (found.drift ?? []).map((one) => ({ name: one.model ?? 'no model', points: one.series })) });
    charts.completeness.update({ from, to, series: (found.completeness ?? []).map((one) => ({ name: one.model ?? 'no model', points: one.series })) });
    charts.alerts.update({
      from,
      to,
      series: LEVELS.map((level) => ({ name: level, class: levelClass(level), mark: h('span', { class: levelClass(level) }, shape(level)) })),
      buckets: (found.alerts ?? []).map(([time, levels]) => [time, LEVELS.map((level) => levels[level] ?? 0)]),
    });
    show(models, topModels(found));
  }

  const soon = throttle(load, PACE);
  const onStatus = ({ detail }) => {
    const events = JSON.stringify((detail.instances ?? []).map((one) => [one.events, one.watermark]));
    if (seen !== null && seen !== events) soon();
    seen = events;
  };
  stream.addEventListener('alert', soon);
  stream.addEventListener('gap', soon);
  engine.addEventListener('status', onStatus);
  load();

  return {
    title: 'Overview',
    update(next) {
      range = next.get('range') ?? '';
      choose.value = range;
      stop.abort();
      stop = new AbortController();
      load();
    },
    leave() {
      stop.abort();
      soon.cancel();
      stream.removeEventListener('alert', soon);
      stream.removeEventListener('gap', soon);
      engine.removeEventListener('status', onStatus);
    },
  };
}

function widget(id, title, hint, body) {
  return h('section', { class: 'card', id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), h('p', { class: 'hint' }, hint), body);
}

function named({ model, name, version }) {
  return `${model ?? name ?? 'no model'}${version ? ` · ${version}` : ''}`;
}

function tilesOf(place, found, open) {
  const posture = found?.posture;
  const values = (posture?.series ?? []).map(([, value]) => value).filter(Number.isFinite);
  const change = values.length > 1 ? values.at(-1) - values[0] : null;
  const worst = found?.models?.[0];
  const lowest = (found?.models ?? []).filter((one) => Number.isFinite(one.completeness)).sort((one, other) => one.completeness - other.completeness)[0];
  const denials = (found?.violations ?? []).reduce((sum, one) => sum + (one.total ?? 0), 0);
  const levels = new Map(open?.levels ?? []);
  const all = [...levels.values()].reduce((sum, number) => sum + number, 0);
  show(place,
    tile('posture', 'Posture', h('div', { class: 'posture' },
      gauge('Posture', posture?.value, 100, points(posture?.value)),
      h('div', {}, change === null ? null : h('p', { class: `trend ${change < -0.05 ? 'worse' : change > 0.05 ? 'better' : ''}` },
        h('span', { 'aria-hidden': 'true' }, change < -0.05 ? '▼ ' : change > 0.05 ? '▲ ' : '■ '), signed(change), h('span', { class: 'dim' }, ' in this time')),
      spark(posture?.series, { width: 120, height: 30 }))), '0 (bad) to 100 (good), the whole estate'),
    tile('open-alerts', 'Open alerts', h('div', {},
      h('a', { class: 'figure', href: '#/alerts?status=open&life=new&life=acknowledged' }, open ? count(all) : '–', h('span', { class: 'unseen' }, ' open alerts')),
      h('ul', { class: 'levels' }, LEVELS.filter((level) => levels.get(level) > 0).map((level) => h('li', {},
        h('a', { class: levelClass(level), href: `#/alerts?status=open&life=new&life=acknowledged&level=${level}` }, shape(level), ` ${count(levels.get(level))} `, h('span', { class: 'word' }, level)))))),
    'Not closed by a person, nor by the engine'),
    tile('highest-risk', 'Highest model risk', h('div', {}, h('span', { class: 'figure' }, points(worst?.risk)), worst ? bar(worst.risk / 100, riskClass(worst.risk)) : null),
      worst ? cut(named(worst)) : 'No model is known yet'),
    tile('lowest-completeness', 'Lowest audit completeness', h('div', {}, h('span', { class: 'figure' }, percent(lowest?.completeness)), lowest ? bar(lowest.completeness) : null),
      lowest ? cut(named(lowest)) : 'No decision has been judged yet'),
    tile('violations', 'Policy violations', h('div', {}, h('span', { class: 'figure' }, found ? count(denials) : '–')), 'Denials in this time, of the policies shown below'));
}

function tile(id, title, body, foot) {
  return h('section', { class: 'card tile', id: `tile-${id}`, 'aria-labelledby': `tile-${id}-title` }, h('h2', { id: `tile-${id}-title` }, title), body, h('p', { class: 'hint' }, foot));
}

function riskClass(risk) {
  return levelClass(risk >= 80 ? 'critical' : risk >= 60 ? 'high' : risk >= 40 ? 'medium' : 'low');
}

function topModels(found) {
  const list = found.models ?? [];
  if (list.length === 0) return h('p', { class: 'nothing' }, 'No model is known yet.');
  const series = new Map((found.risk ?? []).map((one) => [named(one), one.series]));
  return h('table', { class: 'models' },
    h('caption', { class: 'unseen' }, 'Models by risk score, the highest first'),
    h('thead', {}, h('tr', {}, ['Model', 'Risk', 'Trend', 'Complete', 'Drift', 'Alerts'].map((text, index) => h('th', { scope: 'col', class: index > 0 && index !== 2 ? 'number' : null }, text)))),
    h('tbody', {}, list.map((one) => h('tr', { 'data-key': named(one) },
      h('th', { scope: 'row' }, h('a', { href: `#/alerts?model=${encodeURIComponent(one.name ?? '')}` }, cut(one.name ?? 'no model')), one.version ? h('span', { class: 'dim version' }, ' ', outside(one.version)) : null),
      h('td', { class: 'number' }, h('span', { class: 'with-bar' }, points(one.risk), bar(one.risk / 100, riskClass(one.risk)))),
      h('td', {}, spark(series.get(named(one)), { width: 80, height: 20, range: [0, 100] })),
      h('td', { class: 'number' }, percent(one.completeness)),
      h('td', { class: 'number' }, ratio(one.drift)),
      h('td', { class: 'number' }, count(one.alerts))))));
}
