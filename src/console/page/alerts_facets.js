// How many alerts there are of each level, state, model, rule and technique, and choosing among them. What is chosen in one list does
// not hide the rest of that list: its counts are asked for without it.

import { h, show, cut } from './dom.js';
import { get } from './api.js';
import { LEVELS, LIVES, STATUSES, levelClass, shape } from './badges.js';
import { count } from './format.js';
import { toRequest } from './alerts_filter.js';

/** Entries of a list before “all”. */
const FIRST = 8;

const LISTS = [
  { name: 'level', title: 'Level', answer: 'levels', always: LEVELS },
  { name: 'life', title: 'Life', answer: 'lives', always: LIVES },
  { name: 'status', title: 'Status', answer: 'statuses', always: STATUSES },
  { name: 'model', title: 'Model', answer: 'models' },
  { name: 'rule', title: 'Rule', answer: 'rules' },
  { name: 'technique', title: 'Technique', answer: 'techniques' },
];

/** All counts for a filter: by list, and how many match in all. */
export async function countFacets(filter, signal) {
  const request = toRequest(filter);
  const chosen = LISTS.filter(({ name }) => filter[name].length > 0);
  const [all, ...others] = await Promise.all([
    get('facets', request, signal),
    ...chosen.map(({ name }) => get('facets', { ...request, [name]: '' }, signal)),
  ]);
  const found = { ...all };
  chosen.forEach(({ answer }, index) => { found[answer] = others[index][answer]; });
  return { lists: found, matching: (all.levels ?? []).reduce((sum, [, number]) => sum + number, 0) };
}

/** Draws the lists into `place`; `choose` is called with the filter that a click makes. */
export function showFacets(place, lists, filter, choose) {
  show(place, LISTS.map((list) => {
    const entries = entriesOf(list, lists[list.answer], filter);
    if (entries.length === 0) return null;
    const [first, rest] = list.always ? [entries, []] : [entries.slice(0, FIRST), entries.slice(FIRST)];
    const draw = (entry) => choice(list, entry, filter, choose);
    return h('fieldset', { 'data-key': list.name, id: `facet-${list.name}` }, h('legend', {}, list.title), first.map(draw),
      rest.length > 0 ? h('details', { open: rest.some(({ on }) => on) }, h('summary', {}, `${rest.length} more`), rest.map(draw)) : null);
  }));
}

function entriesOf({ name, always }, counted, filter) {
  const numbers = (counted ?? []).map((entry) => ({ value: entry[0], text: entry.length > 2 ? entry[1] : entry[0], number: entry.at(-1) }));
  const known = new Map(numbers.map((entry) => [entry.value, entry]));
  const order = always ?? numbers.map(({ value }) => value);
  const missing = [filter[name]].flat().filter((value) => value && !order.includes(value));
  return [...order, ...missing].map((value) => ({
    ...(known.get(value) ?? { value, text: value, number: counted ? 0 : null }),
    on: [filter[name]].flat().includes(value),
  }));
}

function choice({ name, always }, { value, text, number, on }, filter, choose) {
  const several = Array.isArray(filter[name]);
  const flip = () => {
    if (several) choose({ ...filter, [name]: on ? filter[name].filter((one) => one !== value) : [...filter[name], value] });
    else choose({ ...filter, [name]: on ? '' : value });
  };
  return h('label', { 'data-key': value, class: `choice ${number === 0 ? 'none' : ''}` },
    h('input', { type: 'checkbox', name, value, checked: on, onchange: flip }),
    name === 'level' ? h('span', { class: levelClass(value) }, shape(value)) : null,
    always ? h('span', { class: 'name' }, text) : cut(text, 'name'),
    number === null ? null : h('span', { class: 'tally' }, count(number)));
}
