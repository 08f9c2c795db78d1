// A text that can be copied with one press.

import { h } from './dom.js';
import { icon } from './icons.js';
import { note } from './notice.js';

export function copyButton(text, what) {
  return h('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}`, title: `Copy ${what}`, onclick: () => copy(text, what) }, icon('copy'));
}

async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    note(`Copied ${what}`);
  } catch {
    // Without TLS browsers give no clipboard: the older way asks for none.
    const field = h('textarea', { class: 'unseen', 'aria-hidden': 'true' });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    note(done ? `Copied ${what}` : 'The browser does not let this page copy');
  }
}
