// Single keys: what they do, a dialog that tells, and a switch that turns them off for those whom they disturb (speech input types
// letters). A key does nothing while something is typed.

import { h } from './dom.js';
import { recall, remember } from './remembered.js';

const LIST = [
  [['j', '↓'], 'Next alert in the list'],
  [['k', '↑'], 'Previous alert in the list'],
  [['Enter'], 'Open the alert'],
  [['a'], 'Acknowledge the alert'],
  [['c'], 'Close the alert, with a reason'],
  [['n'], 'Show the alerts that have arrived meanwhile'],
  [['/'], 'Search'],
  [['?'], 'These keys'],
];

let handler = null;

/** The view on the page takes keys from here on; it returns whether it knew the key. */
export function onKey(take) {
  handler = take;
}

export function startKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector('dialog[open]') || recall('keys', 'on') === 'off') return;
    if (event.target.closest?.('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]')) return;
    if (event.key === '?') showKeys();
    else if (!handler?.(event.key, event)) return;
    event.preventDefault();
  });
}

export function showKeys() {
  const on = h('input', { type: 'checkbox', id: 'keys-on', checked: recall('keys', 'on') !== 'off', onchange: () => remember('keys', on.checked ? 'on' : 'off') });
  const dialog = h('dialog', { id: 'help', 'aria-labelledby': 'help-title', onclick: null },
    h('h2', { id: 'help-title' }, 'Keys'),
    h('dl', { class: 'keys' }, LIST.map(([keys, does]) => h('div', {}, h('dt', {}, keys.map((key) => [h('kbd', {}, key), ' '])), h('dd', {}, does)))),
    h('p', {}, h('label', { class: 'check' }, on, ' Use single keys')),
    h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'primary', id: 'help-close', onclick: () => dialog.close() }, 'Close')));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
