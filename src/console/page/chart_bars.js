// Bars: stacked over time as a drawing, and lying ones as plain elements, whose names and figures are text anyway.

import { Chart, bounds, scale, ticks, timeAxis, yAxis, figures, stamp } from './charts.js';
import { h, s, cut } from './dom.js';
import { count } from './format.js';

/** Rows of the table alternative; more would be read by nobody. */
const ROWS = 48;

/** Data: `{from, to, step, series: [{name, class}…], buckets: [[time, [number…]]…]}`; a number for each of the series. */
export class StackedBars extends Chart {
  update(data) {
    const buckets = data.buckets.map(([time, parts]) => ({ time: Date.parse(time), parts: parts.map((part) => part || 0) })).filter(({ time }) => Number.isFinite(time));
    super.update({ series: data.series, buckets, step: data.step || usualStep(buckets), bounds: bounds(data) });
  }

  empty() {
    return this.data.buckets.every(({ parts }) => parts.every((part) => part === 0));
  }

  draw(area) {
    const { buckets, step, series } = this.data;
    const highest = Math.max(...buckets.map(({ parts }) => total(parts)));
    const marks = ticks(0, Math.max(highest, 4)).filter(Number.isInteger);
    const span = [Math.min(buckets[0].time, ...this.data.bounds), Math.max(buckets.at(-1).time + step, ...this.data.bounds)];
    const x = scale(span, [area.left, area.right]);
    const y = scale([0, marks.at(-1)], [area.bottom, area.top]);
    const width = Math.max(1, (x(span[0] + step) - x(span[0])) * 0.8);
    this.x = x;
    const bars = s('g', { class: 'bars' });
    for (const { time, parts } of buckets) {
      let floor = 0;
      parts.forEach((part, index) => {
        if (part <= 0) return;
        const top = y(floor + part);
        bars.append(s('rect', { class: series[index].class, x: x(time) + width * 0.125, y: top, width, height: Math.max(1, y(floor) - top - 1) }));
        floor += part;
      });
    }
    return [yAxis(marks, y, area, count), timeAxis(span, x, area), bars];
  }

  legend() {
    return this.data.series.map((one, index) => h('li', { 'data-key': one.name }, one.mark ?? square(one), cut(one.name),
      h('b', {}, count(total(this.data.buckets.map(({ parts }) => parts[index]))))));
  }

  near(pixel) {
    const { buckets, series, step } = this.data;
    const bucket = buckets.findLast(({ time }) => this.x(time) <= pixel);
    if (!bucket) return null;
    const items = series.map((one, index) => ({ name: one.name, text: count(bucket.parts[index]), swatch: square(one), number: bucket.parts[index] })).filter(({ number }) => number > 0);
    return { time: bucket.time, x: this.x(bucket.time + step / 2), items };
  }

  table() {
    const { buckets, series } = this.data;
    const filled = buckets.filter(({ parts }) => total(parts) > 0).slice(-ROWS);
    return figures(this.name, ['From', ...series.map((one) => one.name)], filled.map(({ time, parts }) => [stamp(time), ...parts.map(count)]));
  }
}

function square(one) {
  return s('svg', { class: `swatch square ${one.class}`, viewBox: '0 0 12 8', 'aria-hidden': 'true' }, s('rect', { width: 12, height: 8 }));
}

const total = (parts) => parts.reduce((sum, part) => sum + part, 0);

function usualStep(buckets) {
  const steps = buckets.slice(1).map(({ time }, index) => time - buckets[index].time).filter((step) => step > 0);
  return steps.length > 0 ? Math.min(...steps) : 3_600_000;
}

/** Several series of `[time, number]` as the buckets of one stack. */
export function stacked(series) {
  const buckets = new Map();
  series.forEach(({ points }, index) => {
    for (const [time, number] of points) {
      if (!buckets.has(time)) buckets.set(time, series.map(() => 0));
      buckets.get(time)[index] += number;
    }
  });
  return [...buckets].sort(([one], [other]) => Date.parse(one) - Date.parse(other));
}

/** A bar that lies in a cell. The figure beside it says the same in words. */
export function bar(share, className = '') {
  const width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
  return h('span', { class: `bar ${className}`.trim(), 'aria-hidden': 'true' }, h('span', { style: { width } }));
}
