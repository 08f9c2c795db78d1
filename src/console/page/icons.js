// Small drawings. They are drawn and not typed, because fonts differ in which signs they have.

import { s } from './dom.js';

const DRAWINGS = {
  event: [['circle', { cx: 8, cy: 8, r: 5, fill: 'currentColor' }]],
  missing: [['circle', { cx: 8, cy: 8, r: 5, fill: 'var(--card)', stroke: 'currentColor', 'stroke-width': 2, 'stroke-dasharray': '2.6 2.2' }]],
  deadline: [['path', { d: 'M3.5 2h9M3.5 14h9M4.5 2c0 4 7 8 7 12M11.5 2c0 4-7 8-7 12', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8 }]],
  alert: [['path', { d: 'M8 1.5 15 14H1Z', fill: 'currentColor' }]],
  copy: [['rect', { x: 5.5, y: 5.5, width: 8, height: 8, rx: 1.5, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }], ['path', { d: 'M10.5 3v-.5h-8v8H3', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }]],
  idle: [['path', { d: 'M11.5 10.5A5.5 5.5 0 0 1 6 2.5a6 6 0 1 0 7.5 7.5 5.5 5.5 0 0 1-2 .5Z', fill: 'currentColor' }]],
};

/** A drawing of the height of the text. It says nothing to assistive technology; a word stands beside it. */
export function icon(name, attributes) {
  return s('svg', { class: `icon icon-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true', ...attributes }, DRAWINGS[name].map(([tag, shape]) => s(tag, shape)));
}
