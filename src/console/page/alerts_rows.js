// The list itself: at most 500 rows, in the order of event time, by model if wanted. A row is made anew only if its alert changed, and
// moved only if its place did, so that ten thousand alerts a minute leave the reader's focus where it is.

import { h, brief, cut, outside } from './dom.js';
import { levelBadge, levelClass, lifeBadge, statusBadge } from './badges.js';
import { count, many, moment } from './format.js';

/** Rows that the page holds; what is older is one click away. */
export const MOST = 500;

/** Newest first, by time and then by id, as the engine sorts. */
export function newestFirst(one, other) {
  return moments(other) - moments(one) || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
}

const parsed = new WeakMap();

/** The time of an alert as a number, parsed once. As text they do not sort: their fractions differ in length. */
function moments(alert) {
  if (!parsed.has(alert)) parsed.set(alert, Date.parse(alert.time) || 0);
  return parsed.get(alert);
}

export class Rows {
  #alerts = new Map();
  #nodes = new Map();
  #groups = new Map();
  #folded = new Set();
  order = [];

  constructor(table) {
    this.table = table;
    this.plain = h('tbody', { role: 'rowgroup' });
  }

  has(id) { return this.#alerts.has(id); }
  get(id) { return this.#alerts.get(id); }
  get size() { return this.#alerts.size; }

  /** Takes alerts in and those out that `leaving` names; the oldest beyond the bound go too. Draws once. */
  change(coming, leaving = [], byModel = false) {
    for (const id of leaving) this.#forget(id);
    for (const alert of coming) {
      const known = this.#alerts.get(alert.id);
      this.#alerts.set(alert.id, alert);
      if (known) this.#renew(alert);
    }
    this.order = [...this.#alerts.values()].sort(newestFirst);
    for (const alert of this.order.splice(MOST)) this.#forget(alert.id);
    this.#draw(byModel);
  }

  clear() {
    for (const id of [...this.#alerts.keys()]) this.#forget(id);
    this.order = [];
  }

  /** The links of the rows that can be seen, from the top down. */
  links() {
    return [...this.table.querySelectorAll('tbody tr:not([hidden]) a.open')];
  }

  link(id) {
    return this.#nodes.get(id)?.querySelector('a.open') ?? null;
  }

  /** The alert of the row that has the focus. */
  focused() {
    const id = document.activeElement?.closest('tr[data-id]')?.dataset.id;
    return id && this.table.contains(document.activeElement) ? this.#alerts.get(id) ?? null : null;
  }

  #forget(id) {
    const node = this.#nodes.get(id);
    if (node?.contains(document.activeElement)) {
      const links = this.links();
      const place = links.findIndex((link) => node.contains(link));
      (links[place + 1] ?? links[place - 1])?.focus();
    }
    node?.remove();
    this.#nodes.delete(id);
    this.#alerts.delete(id);
  }

  #renew(alert) {
    const old = this.#nodes.get(alert.id);
    if (!old) return;
    const had = old.contains(document.activeElement);
    const fresh = row(alert);
    fresh.hidden = old.hidden;
    old.replaceWith(fresh);
    this.#nodes.set(alert.id, fresh);
    if (had) fresh.querySelector('a.open').focus({ preventScroll: true });
  }

  #node(alert) {
    if (!this.#nodes.has(alert.id)) this.#nodes.set(alert.id, row(alert));
    return this.#nodes.get(alert.id);
  }

  #draw(byModel) {
    if (!byModel) {
      for (const alert of this.order) this.#node(alert).hidden = false;
      place(this.plain, this.order.map((alert) => this.#node(alert)));
      place(this.table, [this.plain], this.table.tHead);
      return;
    }
    const models = Map.groupBy(this.order, (alert) => alert.model?.name ?? '');
    const bodies = [...models].sort(([, one], [, other]) => other.length - one.length).map(([name, alerts]) => this.#group(name, alerts));
    place(this.table, bodies, this.table.tHead);
  }

  #group(name, alerts) {
    if (!this.#groups.has(name)) this.#groups.set(name, h('tbody', { role: 'rowgroup' }, h('tr', { class: 'group', role: 'row' })));
    const body = this.#groups.get(name);
    const open = !this.#folded.has(name);
    const flip = () => {
      if (this.#folded.has(name)) this.#folded.delete(name);
      else this.#folded.add(name);
      this.#draw(true);
      body.querySelector('button').focus({ preventScroll: true });
    };
    const had = body.rows[0].contains(document.activeElement);
    body.rows[0].replaceChildren(h('th', { scope: 'rowgroup', role: 'rowheader', colspan: 6 },
      h('button', { type: 'button', class: 'fold', 'aria-expanded': String(open), onclick: flip }, h('span', { 'aria-hidden': 'true' }, open ? '▾ ' : '▸ '), outside(name || 'No model'), h('span', { class: 'dim' }, ` ${many(alerts.length, 'alert')}`))));
    if (had) body.querySelector('button').focus({ preventScroll: true });
    const rows = alerts.map((alert) => this.#node(alert));
    for (const node of rows) node.hidden = !open;
    place(body, rows, body.rows[0]);
    return body;
  }
}

/** Puts `nodes` behind `first` in `parent` in this order and takes everything else away; what is in its place is not touched. */
function place(parent, nodes, first = null) {
  const wanted = new Set(nodes);
  let here = first ? first.nextSibling : parent.firstChild;
  for (const node of nodes) {
    while (here && here !== node && !wanted.has(here)) {
      const after = here.nextSibling;
      here.remove();
      here = after;
    }
    if (here === node) here = here.nextSibling;
    else parent.insertBefore(node, here);
  }
  while (here) {
    const after = here.nextSibling;
    here.remove();
    here = after;
  }
}

// Rows are laid out as grids, of which browsers skip those out of sight. A table that is none for the layout may be none for assistive
// technology either, so the roles are written out.
function row(alert) {
  const group = (alert.group ?? []).filter(([field]) => field !== 'aigov.model.name');
  return h('tr', { role: 'row', 'data-id': alert.id, class: `${levelClass(alert.level)} life-${alert.life?.state ?? 'new'} status-${alert.status}` },
    h('td', { role: 'cell', class: 'c-level' }, levelBadge(alert.level)),
    h('th', { scope: 'row', role: 'rowheader', class: 'c-alert' },
      h('a', { class: 'open', href: `#/alerts/${encodeURIComponent(alert.id)}` }, outside(brief(alert.message))),
      h('p', { class: 'reason', title: brief(alert.reason, 2000) }, brief(alert.reason, 1000)),
      group.length > 0 ? h('p', { class: 'pairs' }, group.slice(0, 4).map(([field, value]) => h('span', { class: 'pair' }, cut(field, 'field'), ' ', cut(value ?? 'missing', 'value')))) : null),
    h('td', { role: 'cell', class: 'c-model' }, alert.model?.name ? cut(alert.model.name) : h('span', { class: 'dim' }, '–'), alert.model?.name && alert.model.version ? h('span', { class: 'dim' }, ' ', cut(alert.model.version)) : null),
    h('td', { role: 'cell', class: 'c-count number' }, count(alert.count)),
    h('td', { role: 'cell', class: 'c-life' }, lifeBadge(alert.life), alert.status === 'open' ? null : statusBadge(alert.status)),
    h('td', { role: 'cell', class: 'c-time' }, moment(alert.time)));
}
