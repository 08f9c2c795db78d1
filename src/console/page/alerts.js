// The list of alerts. It is filled from the engine's answer and kept up by the stream: what arrives is gathered and drawn once per
// frame at most, and while somebody reads further down or waits, it is announced instead of moving the list away under them.

import { h, show, outside } from './dom.js';
import { address, get } from './api.js';
import { clear, failed } from './notice.js';
import { onKey } from './keys.js';
import { stream } from './stream.js';
import { throttle } from './throttle.js';
import { count, fromField, many, moment, toField } from './format.js';
import { MOST, Rows, newestFirst } from './alerts_rows.js';
import { SINCE, conditions, fromQuery, matches, toAddress, toRequest } from './alerts_filter.js';
import { countFacets, showFacets } from './alerts_facets.js';
import { acknowledge, close } from './life.js';

const PAGE = 100;
const FACETS = 4000;
/** Drawing is done in a frame, and not more often than this: nobody reads faster. */
const DRAWING = 200;
const TYPING = 250;
const GATHERED = 10_000;
/** Further down than this somebody reads. */
const SCROLLED = 160;

/** The address of the list that was left last, and the alert that was opened from it. */
export const left = { address: '#/alerts', id: null };

export function alerts(root, query) {
  let filter = fromQuery(query);
  let cursor = null;
  let matching = null;
  let more = false;
  let paused = false;
  let loading = true;
  let stop = new AbortController();
  const held = new Map();
  let waiting = 0;
  const arriving = new Map();

  const go = (next) => { location.hash = toAddress(next); };
  const search = h('input', { type: 'search', id: 'search', placeholder: 'Search rule, reason, group', 'aria-label': 'Search alerts', autocomplete: 'off', spellcheck: 'false' });
  const since = h('select', { id: 'since', 'aria-label': 'Time' }, SINCE.map(([value, text]) => h('option', { value }, text)));
  const start = h('input', { type: 'datetime-local', id: 'from' });
  const end = h('input', { type: 'datetime-local', id: 'to' });
  const own = h('span', { class: 'own', hidden: true }, h('label', { for: 'from' }, 'From '), start, h('label', { for: 'to' }, ' to '), end);
  const grouped = h('input', { type: 'checkbox', id: 'by-model' });
  const pause = h('button', { type: 'button', id: 'pause', 'aria-pressed': 'false' }, 'Pause');
  const csv = h('a', { class: 'button', id: 'csv', download: 'alerts.csv' }, 'CSV');
  const tally = h('p', { class: 'dim', id: 'matching' }, '…');
  const chips = h('div', { class: 'chips', id: 'conditions' });
  const facets = h('div', { class: 'facets', id: 'facets' });
  const news = h('button', { type: 'button', id: 'new-alerts', class: 'news', hidden: true });
  const foot = h('div', { class: 'foot' });
  const table = h('table', { class: 'alerts', id: 'alerts', role: 'table' },
    h('caption', { class: 'unseen' }, 'Alerts, newest first'),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, [['Level', 'c-level'], ['Alert', 'c-alert'], ['Model', 'c-model'], ['Events', 'c-count number'], ['State', 'c-life'], ['Time', 'c-time']].map(([text, name]) => h('th', { scope: 'col', role: 'columnheader', class: name }, text)))));
  const rows = new Rows(table);
  const filters = h('details', { class: 'side', id: 'filters' }, h('summary', {}, 'Filters'), facets);
  filters.open = window.matchMedia('(min-width: 60rem)').matches;
  root.append(
    h('div', { class: 'head' }, h('h1', { tabindex: '-1' }, 'Alerts'), tally, h('div', { class: 'actions' }, pause, csv)),
    h('div', { class: 'bar-of-filters', role: 'search', 'aria-label': 'Alerts' }, search, since, own, h('label', { class: 'check' }, grouped, ' Group by model')),
    chips,
    h('div', { class: 'split' }, filters, h('div', { class: 'list' }, h('div', { class: 'news-place' }, news), table, foot)));

  function fields() {
    if (document.activeElement !== search) search.value = filter.q;
    since.value = filter.from || filter.to ? 'own' : filter.since;
    own.hidden = since.value !== 'own';
    if (document.activeElement !== start) start.value = toField(filter.from);
    if (document.activeElement !== end) end.value = toField(filter.to);
    grouped.checked = filter.by === 'model';
    const request = toRequest(filter);
    csv.href = address('alerts.csv', request);
    const found = conditions(filter);
    show(chips, found.map(({ name, value, without }) => h('button', { type: 'button', class: 'chip-button', 'data-key': `${name}=${value}`, onclick: () => go(without) },
      h('span', { class: 'dim' }, name === 'q' ? 'text' : name), ' ', outside(name === 'rule' ? rows.order.find((alert) => alert.rule.id === value)?.rule.name ?? value : value), h('span', { 'aria-hidden': 'true' }, ' ×'), h('span', { class: 'unseen' }, ': take away'))),
    found.length > 1 ? h('button', { type: 'button', class: 'quiet', id: 'clear-filters', onclick: () => go({ ...fromQuery(new URLSearchParams()), by: filter.by }) }, 'Take all away') : null);
  }

  let typing = 0;
  search.oninput = () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      // One entry in the history for a search, and not one for each letter.
      const next = { ...filter, q: search.value.trim() };
      history.replaceState(null, '', toAddress(next));
      changed(next);
    }, TYPING);
  };
  search.onkeydown = (event) => {
    if (event.key === 'Escape' || event.key === 'Enter') rows.links()[0]?.focus();
  };
  since.onchange = () => {
    own.hidden = since.value !== 'own';
    if (since.value !== 'own') go({ ...filter, since: since.value, from: '', to: '' });
  };
  start.onchange = () => go({ ...filter, since: '', from: fromField(start.value) });
  end.onchange = () => go({ ...filter, since: '', to: fromField(end.value) });
  grouped.onchange = () => go({ ...filter, by: grouped.checked ? 'model' : '' });
  pause.onclick = () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    pause.textContent = paused ? 'Paused' : 'Pause';
    if (!paused) release();
  };

  async function load() {
    stop.abort();
    stop = new AbortController();
    const mine = stop.signal;
    held.clear();
    waiting = 0;
    arriving.clear();
    try {
      const answer = await get('alerts', { ...toRequest(filter), limit: PAGE }, mine);
      clear('view');
      ({ cursor, matching } = answer);
      more = answer.more_than ?? false;
      loading = false;
      const keep = new Set(answer.alerts.map(({ id }) => id));
      rows.change(answer.alerts, rows.order.filter(({ id }) => !keep.has(id)).map(({ id }) => id), filter.by === 'model');
      said();
      fields();
      if (left.id) rows.link(left.id)?.focus();
      left.id = null;
    } catch (error) {
      failed('view', error, load);
    }
    facetsNow();
  }

  async function older() {
    try {
      const answer = await get('alerts', { ...toRequest(filter), limit: Math.min(PAGE, MOST - rows.size), cursor }, stop.signal);
      cursor = answer.cursor;
      rows.change(answer.alerts, [], filter.by === 'model');
      said();
    } catch (error) {
      failed('view', error, older);
    }
  }

  async function facetsNow() {
    try {
      const found = await countFacets(filter, stop.signal);
      if (matching !== found.matching) {
        matching = found.matching;
        more = false;
      }
      showFacets(facets, found.lists, filter, go);
      said();
    } catch (error) {
      failed('facets', error, facetsNow);
      return;
    }
    clear('facets');
  }
  const facetsSoon = throttle(facetsNow, FACETS);

  function said() {
    tally.textContent = matching === null ? '…' : `${more ? 'more than ' : ''}${many(matching, 'alert')}`;
    news.hidden = waiting === 0;
    news.textContent = many(waiting, 'new alert');
    const full = rows.size >= MOST;
    const last = rows.order.at(-1);
    show(foot,
      loading ? h('p', { class: 'nothing' }, 'Asking the engine …') : null,
      !loading && rows.size === 0 ? h('p', { class: 'nothing' }, conditions(filter).length > 0 ? 'No alert fits these filters.' : 'No alert yet. This page shows the first one as it comes.') : null,
      cursor && !full ? h('button', { type: 'button', id: 'older', onclick: older }, 'Show older') : null,
      full && last ? h('p', {}, `The newest ${count(MOST)} are shown. `, h('button', { type: 'button', id: 'older', onclick: () => go({ ...filter, since: '', to: last.time }) }, 'Go on from ', moment(last.time))) : null);
  }

  /** Whether the list must not move now. */
  const reading = () => paused || window.scrollY > SCROLLED || (table.contains(document.activeElement) && document.hasFocus());

  function release() {
    for (const [id, alert] of held) arriving.set(id, alert);
    held.clear();
    waiting = 0;
    draw(true);
  }
  news.onclick = () => {
    release();
    window.scrollTo({ top: 0 });
    rows.links()[0]?.focus({ preventScroll: true });
  };

  let frame = 0;
  const soon = throttle(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const began = performance.now();
      draw(false);
      // Where drawing is slow it is done less often, so that a reader's keys are always heard in between.
      requestAnimationFrame(() => soon.pause(Math.max(DRAWING, 3 * (performance.now() - began))));
    });
  }, DRAWING);

  function draw(all) {
    const coming = [];
    const leaving = [];
    const wait = !all && reading();
    for (const [id, alert] of arriving) {
      if (!matches(filter, alert)) leaving.push(id);
      else if (wait && !rows.has(id)) {
        if (!held.has(id)) waiting += 1;
        held.set(id, alert);
      } else coming.push(alert);
    }
    arriving.clear();
    for (const id of leaving) if (held.delete(id)) waiting -= 1;
    // More than the list can hold need not be kept, only counted.
    if (held.size > 2 * MOST) for (const { id } of [...held.values()].sort(newestFirst).slice(MOST)) held.delete(id);
    if (coming.length > 0 || leaving.some((id) => rows.has(id))) rows.change(coming, leaving, filter.by === 'model');
    said();
    facetsSoon();
  }

  const onAlert = ({ detail }) => {
    arriving.set(detail.id, detail);
    // Frames stand still in a page that is hidden: it asks anew instead of gathering without end.
    if (arriving.size > GATHERED) {
      arriving.clear();
      onGap();
    }
    soon();
  };
  const onGap = throttle(load, FACETS);
  const onScroll = () => { if (held.size > 0 && !reading()) release(); };
  const onClick = (event) => {
    const id = event.target.closest('tr[data-id]')?.dataset.id;
    if (event.target.closest('a.open')) left.id = id;
    if (!id || event.target.closest('a, button, input') || String(getSelection())) return;
    rows.link(id)?.click();
  };
  table.addEventListener('click', onClick);
  stream.addEventListener('alert', onAlert);
  stream.addEventListener('gap', onGap);
  window.addEventListener('scroll', onScroll, { passive: true });
  onKey((key) => pressed(key));

  function pressed(key) {
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    if (step) {
      const links = rows.links();
      const place = links.indexOf(document.activeElement);
      if (place < 0 && key.startsWith('Arrow')) return false;
      const next = links[place < 0 ? 0 : Math.max(0, Math.min(links.length - 1, place + step))];
      next?.focus({ preventScroll: true });
      next?.closest('tr').scrollIntoView({ block: 'nearest' });
      return true;
    }
    if (key === '/') {
      search.focus();
      search.select();
      return true;
    }
    if (key === 'n' && held.size > 0) {
      news.onclick();
      return true;
    }
    const alert = rows.focused();
    if (!alert || (key !== 'a' && key !== 'c')) return false;
    if (key === 'a' && alert.life.state !== 'new') return true;
    (key === 'a' ? acknowledge(alert) : close(alert)).then((changed) => {
      if (changed) {
        arriving.set(changed.id, changed);
        draw(false);
      }
      // The stream may have brought the alert, and so another row, while the dialog was open.
      if (document.activeElement === document.body) rows.link(alert.id)?.focus({ preventScroll: true });
    });
    return true;
  }

  function changed(next) {
    filter = next;
    left.address = toAddress(filter);
    fields();
    load();
  }

  left.address = toAddress(filter);
  fields();
  said();
  load();

  return {
    title: 'Alerts',
    update: (next) => changed(fromQuery(next)),
    focused: left.id !== null,
    leave() {
      stop.abort();
      soon.cancel();
      onGap.cancel();
      facetsSoon.cancel();
      clearTimeout(typing);
      cancelAnimationFrame(frame);
      clear('facets');
      stream.removeEventListener('alert', onAlert);
      stream.removeEventListener('gap', onGap);
      window.removeEventListener('scroll', onScroll);
    },
  };
}
