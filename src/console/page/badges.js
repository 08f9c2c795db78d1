// Levels, states and techniques as small marks. None of them says anything by colour alone: each level has a shape of its
// own and its name in words.

import { h, s, away, outside } from './dom.js';

/** Levels from the worst down, as the engine names them. */
export const LEVELS = ['critical', 'high', 'medium', 'low', 'informational'];
export const STATUSES = ['open', 'closed', 'retracted'];
export const LIVES = ['new', 'acknowledged', 'closed'];

const SHAPES = {
  critical: ['polygon', { points: '4,0 8,0 12,4 12,8 8,12 4,12 0,8 0,4' }],
  high: ['polygon', { points: '6,0.5 12,11.5 0,11.5' }],
  medium: ['rect', { x: 1, y: 1, width: 10, height: 10 }],
  low: ['circle', { cx: 6, cy: 6, r: 5 }],
  informational: ['circle', { cx: 6, cy: 6, r: 4.25, fill: 'none', stroke: 'currentColor', 'stroke-width': 2 }],
};

export function shape(level) {
  const [tag, attributes] = SHAPES[level] ?? SHAPES.informational;
  return s('svg', { viewBox: '0 0 12 12', class: 'shape', 'aria-hidden': 'true' }, s(tag, { fill: 'currentColor', ...attributes }));
}

/** The class that has the colours of a level; what is not known looks like the least. */
export function levelClass(level) {
  return `level-${LEVELS.includes(level) ? level : 'informational'}`;
}

export function levelBadge(level) {
  return h('span', { class: `badge level ${levelClass(level)}` }, shape(level), h('span', { class: 'word' }, level ?? 'unknown'));
}

const LIFE_MARKS = { new: '○', acknowledged: '◐', closed: '●' };

/** How far people are with an alert. */
export function lifeBadge(life) {
  const state = LIVES.includes(life?.state) ? life.state : 'new';
  return h('span', { class: `badge life life-${state}` }, h('span', { 'aria-hidden': 'true' }, LIFE_MARKS[state]), h('span', { class: 'word' }, state));
}

/** What the engine says of an alert: an open one needs no mark of its own. */
export function statusBadge(status) {
  return h('span', { class: `badge status-${STATUSES.includes(status) ? status : 'open'}` }, status ?? 'unknown');
}

const HEALTH_MARKS = { up: '✓', down: '✕', starting: '…' };

export function healthBadge(health) {
  const known = Object.hasOwn(HEALTH_MARKS, health) ? health : 'starting';
  return h('span', { class: `badge health-${known}` }, h('span', { 'aria-hidden': 'true' }, HEALTH_MARKS[known]), ' ', health ?? 'unknown');
}

/** The page of MITRE about a technique; nothing is fetched from there. */
export function technique(id) {
  const attack = /^T(\d{4})(?:\.(\d{3}))?$/.exec(id);
  if (/^AML\.T\d{4}(\.\d{3})?$/.test(id)) return away(`https://atlas.mitre.org/techniques/${id}`, id);
  if (attack) return away(`https://attack.mitre.org/techniques/T${attack[1]}/${attack[2] ? `${attack[2]}/` : ''}`, id);
  return outside(id);
}
