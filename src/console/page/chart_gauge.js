// A half circle that says where a value stands between nothing and all.

import { s } from './dom.js';

const RADIUS = 52;
const LENGTH = Math.PI * RADIUS;

/** A gauge from 0 to `most`; what it says is in its accessible name as well. */
export function gauge(name, value, most, text) {
  const share = Number.isFinite(value) ? Math.max(0, Math.min(1, value / most)) : 0;
  const arc = `M8 60 A${RADIUS} ${RADIUS} 0 0 1 112 60`;
  return s('svg', { class: 'gauge', viewBox: '0 0 120 68', role: 'img', 'aria-label': `${name}: ${text}` },
    s('path', { class: 'track', d: arc, fill: 'none' }),
    s('path', { class: 'value', d: arc, fill: 'none', 'stroke-dasharray': `${share * LENGTH} ${LENGTH}` }),
    s('text', { x: 60, y: 58, 'text-anchor': 'middle', class: 'figure' }, text));
}
