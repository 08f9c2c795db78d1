// The stream of server-sent events: alerts as they come, the status every two seconds. It is read with `fetch` and not with
// `EventSource`, which hides why a server refused, waits as it likes, and forgets the last id when it is made anew. A stream that
// breaks is opened again, later each time; one that is silent counts as broken; a page that nobody looks at gives its place up.

import { ApiError, address, refused } from './api.js';

/** The status comes every two seconds; without anything for this long the other end is gone. */
const SILENCE = 15_000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
/** How long a hidden page keeps its stream: browsers allow few connections to one server, over all tabs together. */
const HIDDEN = 60_000;
/** A line longer than this is no event of ours. */
const LONGEST = 4 * 1024 * 1024;

/** Events: `alert`, `status`, `gap` with `detail` the data, and `state` with `{state, error, retryAt}`. */
class Stream extends EventTarget {
  state = 'off';
  lastId = null;
  #abort = null;
  #timer = 0;
  #wait = FIRST_WAIT;
  #everOpen = false;

  start() {
    this.stop();
    this.#open();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = null;
    this.#set('off');
  }

  #set(state, more = {}) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: { state, ...more } }));
  }

  async #open() {
    clearTimeout(this.#timer);
    const abort = new AbortController();
    this.#abort = abort;
    if (this.state !== 'broken') this.#set('opening');
    try {
      await this.#read(abort);
      throw new ApiError('The stream ended', '', 0);
    } catch (error) {
      if (abort.signal.aborted && abort !== this.#abort) return;
      this.#abort = null;
      if (error.status === 401) {
        this.#set('off');
        return;
      }
      const wait = this.#wait * (0.75 + Math.random() / 2);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
      this.#set('broken', { error: explained(error, abort), retryAt: Date.now() + wait });
      this.#timer = setTimeout(() => this.#open(), wait);
    }
  }

  async #read(abort) {
    const target = address('stream');
    const headers = { Accept: 'text/event-stream' };
    if (this.lastId) headers['Last-Event-ID'] = this.lastId;
    let watch = setTimeout(() => abort.abort(), SILENCE);
    try {
      const response = await fetch(target, { headers, credentials: 'same-origin', cache: 'no-store', signal: abort.signal });
      if (!response.ok) throw await refused(response, await response.text(), target);
      if (this.#everOpen && !this.lastId) this.dispatchEvent(new CustomEvent('gap'));
      this.#everOpen = true;
      this.#set('open');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new Parser((event) => this.#deliver(event));
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        clearTimeout(watch);
        watch = setTimeout(() => abort.abort(), SILENCE);
        this.#wait = FIRST_WAIT;
        parser.push(value);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  #deliver({ type, data, id }) {
    if (id !== null) this.lastId = id;
    if (!['alert', 'status', 'gap'].includes(type)) return;
    let detail = null;
    try {
      detail = JSON.parse(data);
    } catch {
      return;
    }
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The error in words; that of a connection that broke says nothing by itself. */
function explained(error, abort) {
  if (error instanceof ApiError) return error;
  if (abort.signal.aborted) return new ApiError('The engine went silent', `nothing came for ${SILENCE / 1000} seconds`, 0);
  return new ApiError('The engine cannot be reached', 'is it running, and is the network up?', 0);
}

/** The format of server-sent events, in pieces as they arrive. */
class Parser {
  #rest = '';
  #data = [];
  #type = 'message';
  #id = null;

  constructor(deliver) {
    this.deliver = deliver;
  }

  push(text) {
    this.#rest += text;
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    if (this.#rest.length > LONGEST) throw new ApiError('The stream makes no sense', 'a line does not end', 0);
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (line === '') {
      if (this.#data.length > 0) this.deliver({ type: this.#type, data: this.#data.join('\n'), id: this.#id });
      this.#data = [];
      this.#type = 'message';
      this.#id = null;
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id') this.#id = value;
  }
}

export const stream = new Stream();

/** Gives the connection up while nobody looks, and takes it up where it was left. */
export function sleepWhileHidden() {
  let timer = 0;
  let asleep = false;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.hidden) {
      timer = setTimeout(() => {
        if (stream.state === 'off') return;
        asleep = true;
        stream.stop();
      }, HIDDEN);
    } else if (asleep) {
      asleep = false;
      stream.start();
    }
  });
}
