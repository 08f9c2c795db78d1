// What all charts have in common: a box whose height never changes, drawing again when its width does, axes, a legend, a tip
// under the pointer, an accessible name, and the same figures as a table for those who do not see the drawing.

import { h, s, show, cut, outside } from './dom.js';
import { localDay, localTime } from './format.js';

/** Space around the drawing in pixels: axis labels on the left and below. */
const EDGE = { left: 40, right: 12, top: 10, bottom: 22 };
const TIME_STEPS = [60e3, 300e3, 900e3, 3600e3, 3 * 3600e3, 6 * 3600e3, 12 * 3600e3, 86400e3, 2 * 86400e3, 4 * 86400e3, 7 * 86400e3, 30 * 86400e3, 90 * 86400e3];

/** A chart that draws itself into `element`. Subclasses say what there is in `draw`, `legend` and `table`. */
export class Chart {
  #width = 0;
  data = null;

  constructor(name, { height = 200 } = {}) {
    this.name = name;
    this.height = height;
    this.plot = h('div', { class: 'plot', style: { height: `${height}px` } });
    this.tip = h('div', { class: 'tip', 'aria-hidden': 'true', hidden: true });
    this.key = h('ul', { class: 'legend', 'aria-hidden': 'true' });
    this.alternative = h('div', { class: 'unseen' });
    this.element = h('div', { class: 'chart' }, h('div', { class: 'stage' }, this.plot, this.tip), this.key, this.alternative);
    new ResizeObserver(() => {
      const width = Math.floor(this.plot.clientWidth);
      if (width !== this.#width) {
        this.#width = width;
        this.#redraw();
      }
    }).observe(this.plot);
  }

  update(data) {
    this.data = data;
    show(this.key, this.legend());
    show(this.alternative, this.empty() ? null : this.table());
    this.#redraw();
  }

  #redraw() {
    if (!this.data || this.#width < 40) return;
    if (this.empty()) {
      show(this.plot, h('p', { class: 'nothing' }, 'No values in this time.'));
      return;
    }
    const area = { left: EDGE.left, top: EDGE.top, right: this.#width - EDGE.right, bottom: this.height - EDGE.bottom };
    const svg = s('svg', { role: 'img', 'aria-label': this.name, width: this.#width, height: this.height, viewBox: `0 0 ${this.#width} ${this.height}` });
    svg.append(...this.draw(area).filter(Boolean));
    this.plot.replaceChildren(svg);
    this.plot.onpointermove = (event) => this.#point(event, area);
    this.plot.onpointerleave = () => { this.tip.hidden = true; this.mark(null, area); };
  }

  #point(event, area) {
    const x = event.clientX - this.plot.getBoundingClientRect().left;
    const rows = x >= area.left - 8 && x <= area.right + 8 ? this.near(x, area) : null;
    this.tip.hidden = !rows;
    this.mark(rows, area);
    if (!rows) return;
    show(this.tip, h('p', {}, stamp(rows.time)), h('ul', {}, rows.items.map((item) => h('li', {}, item.swatch, cut(item.name), h('b', {}, item.text)))));
    const left = rows.x > this.#width / 2;
    this.tip.style.left = left ? 'auto' : `${rows.x + 12}px`;
    this.tip.style.right = left ? `${this.#width - rows.x + 12}px` : 'auto';
  }

  /** A vertical line at the time that the tip is about. */
  mark(rows, area) {
    this.plot.querySelector('.cursor')?.remove();
    if (!rows) return;
    this.plot.querySelector('svg')?.append(s('line', { class: 'cursor', x1: rows.x, x2: rows.x, y1: area.top, y2: area.bottom }));
  }

  empty() { return false; }
  legend() { return []; }
  table() { return null; }
  near() { return null; }
}

const stamp = (time) => `${localDay(new Date(time))} ${localTime(new Date(time), false)}`;

/** A map from `[from, to]` to `[start, end]`. */
export function scale([from, to], [start, end]) {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

/** Round steps from `low` to at least `high`, about `wanted` of them. */
export function ticks(low, high, wanted = 4) {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const found = [];
  for (let value = Math.floor(low / step) * step; found.length < 12; value += step) {
    found.push(Number(value.toPrecision(12)));
    if (value >= high) break;
  }
  return found;
}

/** Horizontal lines with their labels. */
export function yAxis(marks, y, area, format) {
  return s('g', { class: 'axis' }, marks.map((mark) => [
    s('line', { x1: area.left, x2: area.right, y1: y(mark), y2: y(mark) }),
    s('text', { x: area.left - 6, y: y(mark) + 4, 'text-anchor': 'end' }, format(mark)),
  ]));
}

/** Times along the bottom, at round hours or days of the reader's zone. */
export function timeAxis([from, to], x, area) {
  const room = Math.max(2, Math.floor((area.right - area.left) / 84));
  const step = TIME_STEPS.find((size) => (to - from) / size <= room) ?? TIME_STEPS.at(-1);
  const offset = new Date(from).getTimezoneOffset() * 60_000;
  const marks = [];
  for (let time = Math.ceil((from - offset) / step) * step + offset; time <= to && marks.length < 40; time += step) marks.push(time);
  const text = (time) => (step >= 86400e3 ? localDay(new Date(time)).slice(5) : localTime(new Date(time), false));
  return s('g', { class: 'axis' }, marks.map((time) => s('text', { x: x(time), y: area.bottom + 16, 'text-anchor': 'middle' }, text(time))));
}

/** A table that only assistive technology gets. */
export function figures(caption, heads, rows) {
  return h('table', {}, h('caption', {}, caption),
    h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, rows.map(([first, ...rest]) => h('tr', {}, h('th', { scope: 'row' }, outside(first)), rest.map((cell) => h('td', {}, cell))))));
}

export { stamp };

/** The bounds of time that are shown, as far as they are known: charts side by side show the same time. */
export function bounds({ from, to }) {
  return [Date.parse(from), Date.parse(to)].filter(Number.isFinite);
}
