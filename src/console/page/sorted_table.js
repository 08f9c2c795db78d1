// A table that a reader can sort by a press on a column's head. The order survives a refresh.

import { h } from './dom.js';

/** Columns: `{name, title, class, value(row), cell(row)}`; `sort` is `{name, down}` and is changed in place, then `again` is called. */
export function sortedTable(caption, columns, rows, sort, again, key) {
  const column = columns.find(({ name }) => name === sort.name) ?? columns[0];
  const sign = sort.down ? -1 : 1;
  const order = [...rows].sort((one, other) => sign * compare(column.value(one), column.value(other)));
  const head = (one) => h('th', { scope: 'col', class: one.class, 'data-key': one.name, 'aria-sort': one === column ? (sort.down ? 'descending' : 'ascending') : null },
    h('button', { type: 'button', class: 'sort', onclick: () => {
      if (sort.name === one.name) sort.down = !sort.down;
      else Object.assign(sort, { name: one.name, down: one.class === 'number' });
      again();
    } }, one.title, h('span', { 'aria-hidden': 'true' }, one === column ? (sort.down ? ' ▾' : ' ▴') : '')));
  return h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, h('tr', {}, columns.map(head))),
    h('tbody', {}, order.map((row) => h('tr', { 'data-key': key(row) }, columns.map((one, index) => h(index === 0 ? 'th' : 'td', { scope: index === 0 ? 'row' : null, class: one.class }, one.cell(row)))))));
}

/** Nothing comes before everything. */
function compare(one, other) {
  if (one === other) return 0;
  if (one === null || one === undefined) return -1;
  if (other === null || other === undefined) return 1;
  return typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other));
}
