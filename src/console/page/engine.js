// What the engine last said about itself, for whoever wants to know it now and not in two seconds.

import { get } from './api.js';
import { stream } from './stream.js';

/** Event `status` with the status as `detail`; `status` is the newest one or null. */
class Engine extends EventTarget {
  status = null;
  /** Events per second, from the last two answers. */
  rate = null;

  constructor() {
    super();
    stream.addEventListener('status', ({ detail }) => this.take(detail));
  }

  async ask() {
    this.take(await get('status'));
  }

  take(status) {
    const before = this.status;
    this.status = status;
    if (before) {
      const seconds = (Date.parse(status.now) - Date.parse(before.now)) / 1000;
      if (seconds > 0.5) this.rate = Math.max(0, (events(status) - events(before)) / seconds);
    }
    this.dispatchEvent(new CustomEvent('status', { detail: status }));
  }
}

const events = (status) => (status.instances ?? []).reduce((sum, one) => sum + (one.events ?? 0), 0);

export const engine = new Engine();
