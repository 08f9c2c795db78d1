// Where events come from and where alerts go: lag, watermarks and who holds them, back-pressure, health, and what could not be read.
// It shows the status that the stream brings every two seconds.

import { h, show, cut, outside } from './dom.js';
import { get } from './api.js';
import { clear, failed } from './notice.js';
import { engine } from './engine.js';
import { throttle } from './throttle.js';
import { icon } from './icons.js';
import { bar } from './chart_bars.js';
import { healthBadge } from './badges.js';
import { bytes, count, duration, many, moment, points } from './format.js';

const PACE = 5000;
const LETTERS = 100;

export function sources(root) {
  const stop = new AbortController();
  let dead = null;
  const instances = h('div', { id: 'instances' });
  const letters = h('div', { class: 'scroll', role: 'group', 'aria-label': 'Dead letters', tabindex: '0', id: 'dead-letters' });
  const total = h('p', { class: 'dim', id: 'dead-letters-total' }, '…');
  root.append(h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Sources and sinks')), instances,
    h('section', { class: 'card', 'aria-labelledby': 'dead-letters-title' }, h('h2', { id: 'dead-letters-title' }, 'Dead letters'), h('p', { class: 'hint' }, 'What could not be read, or came too late, with the reason. Nothing is dropped in silence.'), total, letters));

  async function load() {
    try {
      const found = await get('dead-letters', { limit: LETTERS }, stop.signal);
      clear('view');
      total.textContent = `${many(found.total, 'dead letter')}${found.letters.length < found.total ? `, the newest ${count(found.letters.length)} are shown` : ''}`;
      show(letters, found.letters.length === 0 ? h('p', { class: 'nothing' }, 'Everything could be read.') : letterTable(found.letters));
    } catch (error) {
      failed('view', error, load);
    }
  }
  const soon = throttle(load, PACE);
  const onStatus = ({ detail }) => {
    const missed = detail.history?.missed ?? 0;
    show(instances, missed > 0 ? h('p', { class: 'error', id: 'missed' }, `This console missed ${many(missed, 'document')} because its store could not take them; the sinks have them.`) : null, (detail.instances ?? []).map((one) => instance(one, detail.now)));
    const now = (detail.instances ?? []).map((one) => one.dead_letters).join();
    if (dead !== null && dead !== now) soon();
    dead = now;
  };
  engine.addEventListener('status', onStatus);
  if (engine.status) onStatus({ detail: engine.status });
  load();
  return {
    title: 'Sources and sinks',
    leave() {
      stop.abort();
      soon.cancel();
      engine.removeEventListener('status', onStatus);
    },
  };
}

function instance(one, now) {
  const id = `instance-${one.name}`;
  return h('div', { 'data-key': one.name, class: 'instance' },
    h('section', { class: 'card', 'aria-labelledby': id }, h('h2', { id }, outside(one.name), ' ', h('span', { class: `badge health-${one.ready ? 'up' : 'down'}` }, h('span', { 'aria-hidden': 'true' }, one.ready ? '✓ ' : '✕ '), one.ready ? 'ready' : 'not ready')),
      one.why_not ? h('p', { class: 'error', dir: 'auto' }, one.why_not) : null,
      h('dl', { class: 'figures' },
        figure('Events', count(one.events), engine.rate === null ? '' : `${points(engine.rate)} a second`),
        figure('Watermark', moment(one.watermark), one.held_by ? ['held by ', cut(`${one.held_by.source} / ${one.held_by.partition}`)] : ''),
        figure('Owed to sinks', [count(one.owed), h('span', { class: 'dim' }, ` of ${count(one.owed_limit)}`), bar((one.owed ?? 0) / (one.owed_limit || 1), one.owed > one.owed_limit * 0.8 ? 'level-critical' : '')], one.owed >= one.owed_limit ? 'reading has stopped until sinks take it' : 'reading stops at the limit'),
        figure('Dead letters', count(one.dead_letters)),
        figure('Snapshot', one.snapshot ? moment(one.snapshot.taken) : '–', one.snapshot ? bytes(one.snapshot.bytes) : 'none taken yet'),
        figure('Rules', count(one.rules)),
        figure('Running for', duration(Date.parse(now) - Date.parse(one.started)), ['version ', cut(one.version)]))),
    h('section', { class: 'card', 'aria-labelledby': `${id}-sources` }, h('h2', { id: `${id}-sources` }, 'Sources'), sourceTable(one)),
    h('section', { class: 'card', 'aria-labelledby': `${id}-sinks` }, h('h2', { id: `${id}-sinks` }, 'Sinks'), sinkTable(one.sinks ?? [])));
}

function figure(name, value, more = '') {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value), h('dd', { class: 'hint' }, more || ' '));
}

function table(caption, heads, rows, nothing) {
  if (rows.length === 0) return h('p', { class: 'nothing' }, nothing);
  return h('div', { class: 'scroll', role: 'group', 'aria-label': caption, tabindex: '0' }, h('table', {}, h('caption', { class: 'unseen' }, caption),
    h('thead', {}, h('tr', {}, heads.map(([text, name]) => h('th', { scope: 'col', class: name }, text)))), h('tbody', {}, rows)));
}

function sourceTable(one) {
  const holds = (source) => one.held_by?.source === source.name && one.held_by?.partition === source.partition;
  return table('Sources by partition', [['Source'], ['Topic'], ['Partition', 'number'], ['Offset', 'number'], ['Lag', 'number'], ['Watermark'], ['State']], (one.sources ?? []).map((source) => h('tr', { 'data-key': `${source.name}/${source.topic}/${source.partition}` },
    h('th', { scope: 'row' }, cut(source.name)), h('td', {}, cut(source.topic ?? '–')), h('td', { class: 'number' }, count(source.partition)), h('td', { class: 'number' }, count(source.offset)), h('td', { class: 'number' }, count(source.lag)), h('td', {}, moment(source.watermark)),
    h('td', {}, source.idle ? h('span', { class: 'badge' }, icon('idle'), 'idle') : h('span', { class: 'badge health-up' }, '✓ reading'), holds(source) ? h('span', { class: 'badge holds' }, icon('deadline'), 'holds the watermark') : null))), 'No source has been read yet.');
}

function sinkTable(sinks) {
  return table('Sinks', [['Sink'], ['Kind'], ['Health'], ['Owed', 'number'], ['Delivered', 'number'], ['Rejected', 'number'], ['Reason']], sinks.map((sink) => h('tr', { 'data-key': sink.name },
    h('th', { scope: 'row' }, cut(sink.name)), h('td', {}, cut(sink.kind ?? '–')), h('td', {}, healthBadge(sink.health)), h('td', { class: 'number' }, count(sink.owed)), h('td', { class: 'number' }, count(sink.delivered)), h('td', { class: 'number' }, count(sink.rejected)), h('td', { class: 'wraps', dir: 'auto' }, sink.reason ?? ''))), 'No sink is configured.');
}

function letterTable(letters) {
  return h('table', { class: 'letters' }, h('caption', { class: 'unseen' }, 'Dead letters, newest first'),
    h('thead', {}, h('tr', {}, [['Time'], ['Record'], ['Kind'], ['Reason'], ['Bytes', 'number'], ['Text']].map(([text, name]) => h('th', { scope: 'col', class: name }, text)))),
    h('tbody', {}, letters.map((one) => h('tr', { 'data-key': `${one.topic}/${one.partition}/${one.offset}/${one.sequence ?? 0}/${one.time}` },
      h('td', {}, moment(one.time)), h('th', { scope: 'row' }, h('code', { dir: 'ltr' }, cut(`${one.topic}/${one.partition}/${one.offset}`))), h('td', {}, cut(one.kind)), h('td', { class: 'wraps', dir: 'auto' }, one.reason), h('td', { class: 'number' }, count(one.bytes)),
      h('td', {}, h('details', {}, h('summary', {}, cut((one.text ?? '').slice(0, 60) || 'empty')), h('bdi', { class: 'whole' }, one.text)))))));
}
