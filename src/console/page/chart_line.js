// Lines over time, up to eight of them. Each has a colour and a way of being dashed, so that neither alone has to tell them
// apart. Where values are missing for long the line has a gap: silence is not a straight line.

import { Chart, bounds, scale, ticks, timeAxis, yAxis, figures, stamp } from './charts.js';
import { h, s, cut } from './dom.js';

const LINES = 8;
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2', '12 3', '1 2', '6 2 1 2'];

/** Data: `{from, to, series: [{name, points: [[time, value]…]}…]}` with times as RFC 3339 text; without bounds the values say them. */
export class LineChart extends Chart {
  constructor(name, { range = null, format, height } = {}) {
    super(name, { height });
    this.range = range;
    this.format = format;
  }

  update(data) {
    const series = data.series.slice(0, LINES).map(({ name, points }) => ({
      name,
      points: points.map(([time, value]) => [Date.parse(time), value]).filter(([time, value]) => Number.isFinite(time) && Number.isFinite(value)),
    }));
    super.update({ series, bounds: bounds(data) });
  }

  empty() {
    return this.data.series.every((line) => line.points.length === 0);
  }

  draw(area) {
    const points = this.data.series.flatMap((line) => line.points);
    const times = extent([...points.map(([time]) => time), ...this.data.bounds]);
    const values = extent(points.map(([, value]) => value));
    const marks = this.range ? ticks(...this.range) : ticks(Math.min(0, values[0]), values[1] || 1);
    const x = scale(times[0] === times[1] ? [times[0] - 1, times[1] + 1] : times, [area.left, area.right]);
    const y = scale([marks[0], marks.at(-1)], [area.bottom, area.top]);
    this.x = x;
    return [yAxis(marks, y, area, this.format), timeAxis(times, x, area), ...this.data.series.map((line, index) => drawn(line, index, x, y))];
  }

  legend() {
    return this.data.series.map((line, index) => h('li', { 'data-key': line.name }, swatch(index), cut(line.name), h('b', {}, this.format(line.points.at(-1)?.[1]))));
  }

  near(pixel) {
    const all = [...new Set(this.data.series.flatMap((line) => line.points.map(([time]) => time)))];
    const time = all.reduce((best, one) => (Math.abs(this.x(one) - pixel) < Math.abs(this.x(best) - pixel) ? one : best), all[0]);
    const items = this.data.series.flatMap((line, index) => {
      const point = line.points.find(([at]) => at === time);
      return point ? [{ name: line.name, text: this.format(point[1]), swatch: swatch(index) }] : [];
    });
    return { time, x: this.x(time), items };
  }

  table() {
    return figures(this.name, ['Series', 'Newest', 'At', 'Lowest', 'Highest'], this.data.series.filter((line) => line.points.length > 0).map((line) => {
      const [low, high] = extent(line.points.map(([, value]) => value));
      const [time, value] = line.points.at(-1);
      return [line.name, this.format(value), stamp(time), this.format(low), this.format(high)];
    }));
  }
}

function extent(numbers) {
  return numbers.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [Infinity, -Infinity]);
}

function swatch(index) {
  return s('svg', { class: `swatch line-${index}`, viewBox: '0 0 20 8', 'aria-hidden': 'true' },
    s('line', { x1: 0, x2: 20, y1: 4, y2: 4, 'stroke-dasharray': DASHES[index] || null }));
}

function drawn(line, index, x, y) {
  if (line.points.length === 0) return null;
  const group = s('g', { class: `line line-${index}` });
  const path = trace(line.points, x, y);
  group.append(s('path', { d: path, fill: 'none', 'stroke-dasharray': DASHES[index] || null }));
  const [time, value] = line.points.at(-1);
  group.append(s('circle', { cx: x(time), cy: y(value), r: 3 }));
  return group;
}

/** The path of a line; more than three usual steps without a value are a gap. */
function trace(points, x, y) {
  const steps = points.slice(1).map(([time], index) => time - points[index][0]).sort((one, other) => one - other);
  const gap = (steps[Math.floor(steps.length / 2)] ?? 0) * 3.5;
  let before = -Infinity;
  return points.map(([time, value]) => {
    const move = time - before > gap;
    before = time;
    return `${move ? 'M' : 'L'}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
  }).join('');
}

/** A line of the height of a text, without axes. The figure stands beside it, so it has no name of its own. */
export function spark(points, { width = 96, height = 24, range } = {}) {
  const known = (points ?? []).map(([time, value]) => [Date.parse(time), value]).filter(([time, value]) => Number.isFinite(time) && Number.isFinite(value));
  const svg = s('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' });
  if (known.length < 2) return svg;
  const [low, high] = range ?? extent(known.map(([, value]) => value));
  const x = scale([known[0][0], known.at(-1)[0]], [2, width - 3]);
  const y = scale([low, high === low ? low + 1 : high], [height - 3, 3]);
  svg.append(s('path', { d: trace(known, x, y), fill: 'none' }), s('circle', { cx: x(known.at(-1)[0]), cy: y(known.at(-1)[1]), r: 2 }));
  return svg;
}
