// What people do with an alert: acknowledge, close with a reason, open again. Who does it is asked once and remembered in this browser.

import { h, brief } from './dom.js';
import { post } from './api.js';
import { note } from './notice.js';
import { recall, remember } from './remembered.js';

/** Bounds of the engine, in characters. */
const NAME = 200;
const REASON = 2000;

const KINDS = {
  acknowledged: { title: 'Acknowledge alert', button: 'Acknowledge', done: 'Acknowledged', reason: false },
  closed: { title: 'Close alert', button: 'Close alert', done: 'Closed', reason: true },
  new: { title: 'Open alert again', button: 'Open again', done: 'Open again', reason: false },
};

/** Says that somebody looks at it; asks for nothing if the name is known. Gives the alert as it is now, or null. */
export async function acknowledge(alert) {
  return change(alert, 'acknowledged');
}

export async function close(alert) {
  return ask(alert, 'closed');
}

export async function reopen(alert) {
  return change(alert, 'new');
}

async function change(alert, state) {
  const by = recall('name');
  if (!by) return ask(alert, state);
  try {
    return await send(alert, state, by, '');
  } catch (error) {
    return ask(alert, state, error.message);
  }
}

async function send(alert, state, by, reason) {
  const changed = await post(`alerts/${encodeURIComponent(alert.id)}/life`, { state, by, reason });
  note(`${KINDS[state].done}: ${alert.message}`);
  return changed;
}

/** The dialog. It stays open until the engine has said yes, or the reader has given up. */
function ask(alert, state, problem = '') {
  const kind = KINDS[state];
  const back = document.activeElement;
  return new Promise((resolve) => {
    let changed = null;
    const name = h('input', { id: 'life-by', name: 'by', required: true, maxlength: NAME, autocomplete: 'name', value: recall('name'), dir: 'auto' });
    const reason = h('textarea', { id: 'life-reason', name: 'reason', rows: 4, maxlength: REASON, required: kind.reason, dir: 'auto' });
    const error = h('p', { class: 'error', id: 'life-error', role: 'alert' }, problem);
    const button = h('button', { type: 'submit', class: 'primary', id: 'life-confirm' }, kind.button);
    const submit = async (event) => {
      event.preventDefault();
      const by = name.value.trim();
      const why = reason.value.trim();
      error.textContent = !by ? 'Say who you are.' : kind.reason && !why ? 'Say why.' : '';
      if (error.textContent) {
        (by ? reason : name).focus();
        return;
      }
      button.disabled = true;
      try {
        changed = await send(alert, state, by, why);
        remember('name', by);
        dialog.close();
      } catch (failure) {
        error.textContent = failure.message;
      } finally {
        button.disabled = false;
      }
    };
    const dialog = h('dialog', { id: 'life', 'aria-labelledby': 'life-title' },
      h('form', { onsubmit: submit, novalidate: true },
        h('h2', { id: 'life-title' }, kind.title),
        h('p', { class: 'reason', dir: 'auto' }, brief(alert.message)),
        h('label', { for: 'life-by' }, 'Your name'), name,
        h('label', { for: 'life-reason' }, kind.reason ? 'Reason' : 'Reason (if there is one)'), reason,
        error,
        h('p', { class: 'buttons' }, h('button', { type: 'button', id: 'life-cancel', onclick: () => dialog.close() }, 'Cancel'), button)));
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (back?.isConnected) back.focus({ preventScroll: true });
      resolve(changed);
    });
    document.body.append(dialog);
    dialog.showModal();
    if (name.value) reason.focus();
  });
}
