// Starts the console: who is asking, the stream, and which view the address asks for. Views live in files of their own; each is a
// function that fills an element and says how it is left.

import { api, get, remove } from './api.js';
import { engine } from './engine.js';
import { sleepWhileHidden, stream } from './stream.js';
import { clear, failed, heard, problem } from './notice.js';
import { onKey, showKeys, startKeys } from './keys.js';
import { recall, remember } from './remembered.js';
import { h, show } from './dom.js';
import { signIn } from './sign_in.js';
import { overview } from './overview.js';
import { alerts } from './alerts.js';
import { alert } from './alert.js';
import { rules } from './rules.js';
import { rule } from './rule.js';
import { exceptions } from './exceptions.js';
import { sources } from './sources.js';

const main = document.getElementById('main');
const VIEWS = { overview, alerts, rules, exceptions, sources };
const DETAILS = { alerts: alert, rules: rule };

let current = null;

function wanted() {
  const [path, search = ''] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [name, id] = path.split('/');
  return { name: Object.hasOwn(VIEWS, name) ? name : 'overview', known: name === '' || Object.hasOwn(VIEWS, name), id: id ? decoded(id) : null, query: new URLSearchParams(search) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function route() {
  if (location.hash && !location.hash.startsWith('#/')) return;
  const { name, id, query, known } = wanted();
  for (const link of document.querySelectorAll('#nav a')) {
    if (link.dataset.route === name && known) link.setAttribute('aria-current', id ? 'true' : 'page');
    else link.removeAttribute('aria-current');
  }
  if (current && current.name === name && current.id === id && current.view.update) {
    current.view.update(query);
    return;
  }
  leave();
  const root = h('div', { class: `view view-${name}` });
  main.replaceChildren(root);
  if (!known) {
    show(root, h('h1', { tabindex: '-1' }, 'There is no such page'), h('p', {}, h('a', { href: '#/' }, 'Overview')));
    return;
  }
  const first = current === null;
  const view = (id === null ? VIEWS[name] : DETAILS[name] ?? VIEWS[name])(root, query, id);
  current = { name, id, view };
  titled(view.title);
  window.scrollTo(0, 0);
  if (!first && !view.focused) root.querySelector('h1')?.focus({ preventScroll: true });
}

function leave() {
  onKey(null);
  current?.view.leave?.();
  clear('view');
}

function titled(text) {
  document.title = `${text} – Clarion`;
}

const LIVE = { open: 'Live', opening: 'Connecting', broken: 'Cut off', off: 'Not live' };
let countdown = 0;

function showStream({ state, error, retryAt }) {
  const chip = document.getElementById('live');
  chip.dataset.state = state;
  chip.textContent = LIVE[state];
  clearInterval(countdown);
  if (state === 'open' || state === 'off') clear('stream');
  if (state !== 'broken') return;
  const action = { label: 'Try now', run: () => stream.start() };
  const tell = () => {
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    problem('stream', `Live updates are cut off, what you see may be old. ${error.message}`, { more: seconds > 0 ? `Trying again in ${seconds} s` : 'Trying again', action });
  };
  tell();
  countdown = setInterval(tell, 1000);
}

function showEngine(status) {
  const ill = (status.instances ?? []).filter((one) => !one.ready);
  if (ill.length === 0) clear('engine');
  else problem('engine', ill.map((one) => `${one.name} is not ready${one.why_not ? `: ${one.why_not}` : ''}`).join('. '));
  const down = (status.instances ?? []).flatMap((one) => one.sinks ?? []).filter((sink) => sink.health === 'down');
  const link = document.querySelector('#nav a[data-route=sources]');
  link.classList.toggle('marked', down.length > 0);
  link.title = down.length > 0 ? `Down: ${down.map((sink) => sink.name).join(', ')}` : '';
}

const THEMES = ['auto', 'light', 'dark'];

function theme(button) {
  const say = () => {
    const chosen = recall('theme', 'auto');
    button.textContent = { auto: '◐ Auto', light: '☀ Light', dark: '☾ Dark' }[chosen] ?? '◐ Auto';
    button.setAttribute('aria-label', `Theme: ${chosen}`);
    if (chosen === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
  };
  button.onclick = () => {
    remember('theme', THEMES[(THEMES.indexOf(recall('theme', 'auto')) + 1) % THEMES.length]);
    say();
  };
  say();
}

let asking = false;

/** Asks who may come in, and then shows what the address says. */
async function enter() {
  let session;
  try {
    session = await get('session');
    clear('session');
  } catch (error) {
    failed('session', error, enter);
    return;
  }
  document.getElementById('sign-out').hidden = !(session.token_needed && session.authenticated);
  if (session.token_needed && !session.authenticated) {
    askToken();
    return;
  }
  asking = false;
  stream.start();
  engine.ask().catch((error) => failed('view', error));
  route();
}

function askToken() {
  if (asking) return;
  asking = true;
  stream.stop();
  leave();
  current = null;
  document.getElementById('sign-out').hidden = true;
  titled('Sign in');
  signIn(main, enter);
}

document.getElementById('skip').onclick = (event) => {
  event.preventDefault();
  main.focus();
};
document.getElementById('keys').onclick = showKeys;
document.getElementById('sign-out').onclick = async () => {
  try {
    await remove('session');
    askToken();
  } catch (error) {
    failed('session', error);
  }
};
theme(document.getElementById('theme'));
startKeys();
sleepWhileHidden();
api.addEventListener('unauthorized', askToken);
stream.addEventListener('state', ({ detail }) => showStream(detail));
stream.addEventListener('alert', ({ detail }) => {
  if (detail.revision === 1 && detail.life?.state === 'new') heard(detail);
});
engine.addEventListener('status', ({ detail }) => showEngine(detail));
window.addEventListener('hashchange', () => { if (!asking) route(); });
enter();
