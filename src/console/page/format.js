// How numbers, times and sizes are written. Times are shown in the reader's own zone with the UTC time in the title, so that
// two people in two places can agree on which moment they mean.

import { h } from './dom.js';

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const ONE = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const THREE = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** What stands where there is no value. */
export const NONE = '–';

export const count = (value) => (known(value) ? WHOLE.format(value) : NONE);
export const short = (value) => (known(value) ? SHORT.format(value) : NONE);
export const points = (value) => (known(value) ? ONE.format(value) : NONE);
export const ratio = (value) => (known(value) ? THREE.format(value) : NONE);
export const percent = (value) => (known(value) ? `${ONE.format(value * 100)} %` : NONE);

function known(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/** A number with its sign, for a difference. */
export function signed(value) {
  if (!known(value)) return NONE;
  const text = ONE.format(Math.abs(value));
  if (text === '0') return '±0';
  return value > 0 ? `+${text}` : `−${text}`;
}

/** “1 alert”, “2 alerts”. */
export function many(number, one, more = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : more}`;
}

export function bytes(value) {
  if (!known(value)) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? WHOLE.format(size) : ONE.format(size)} ${units[unit]}`;
}

/** A length of time in at most two units: `4 m 12 s`, `3 d 2 h`. */
export function duration(milliseconds) {
  if (!known(milliseconds)) return NONE;
  const sizes = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'm'], [1000, 's']];
  let rest = Math.abs(milliseconds);
  if (rest < 1000) return `${Math.round(rest)} ms`;
  const parts = [];
  for (const [size, unit] of sizes) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) parts.push(`${whole} ${unit}`);
    if (parts.length === 2 || (parts.length === 1 && whole === 0)) break;
  }
  return parts.join(' ');
}

const two = (value) => String(value).padStart(2, '0');

export function localDay(date) {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function localTime(date, seconds = true) {
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`;
}

/** A moment in local time; machine and title have it in UTC, with all digits that it came with. */
export function moment(text) {
  const date = text ? new Date(text) : null;
  if (!date || Number.isNaN(date.getTime())) return h('span', { class: 'dim' }, NONE);
  return h('time', { datetime: text, title: `${text.replace('T', ' ').replace('Z', '')} UTC` },
    h('span', { class: 'day' }, localDay(date)), ' ', h('span', { class: 'clock' }, localTime(date)));
}

/** The value of a `datetime-local` field for a moment. */
export function toField(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? '' : `${localDay(date)}T${localTime(date, false)}`;
}

/** The moment that a `datetime-local` field says, or nothing. */
export function fromField(value) {
  const date = new Date(value);
  return value && !Number.isNaN(date.getTime()) ? date.toISOString() : '';
}
