// The form that asks for the token when the engine wants one. The token goes to the engine once and is kept nowhere; what stays is a
// cookie that scripts cannot read.

import { h, show } from './dom.js';
import { post } from './api.js';

/** Shows the form in `root` and calls `done` when the engine has accepted the token. */
export function signIn(root, done) {
  const field = h('input', { type: 'password', id: 'token', name: 'token', autocomplete: 'current-password', required: true, 'aria-describedby': 'sign-in-error' });
  const error = h('p', { class: 'error', id: 'sign-in-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'primary', id: 'sign-in-button' }, 'Sign in');
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    error.textContent = '';
    try {
      await post('session', { token: field.value });
      field.value = '';
      done();
    } catch (failure) {
      error.textContent = failure.status === 401 ? 'This is not the token.' : failure.message;
      field.select();
      field.focus();
    } finally {
      button.disabled = false;
    }
  };
  show(root, h('form', { class: 'card sign-in', id: 'sign-in', onsubmit: submit },
    h('h1', {}, 'Sign in'),
    h('p', {}, 'This console needs the token of ', h('code', {}, 'console.token'), ' in the engine’s configuration.'),
    // Password managers want to know whose it is.
    h('input', { type: 'text', name: 'username', autocomplete: 'username', value: 'console', hidden: true, readonly: true }),
    h('label', { for: 'token' }, 'Token'), field, error, button));
  field.focus();
}
