// What the browser remembers for a reader: name, theme, whether single keys are used. Never data of the engine, and never a token.
// Where storage is forbidden, it is remembered as long as the page is open.

const here = new Map();

export function recall(name, otherwise = '') {
  try {
    return localStorage.getItem(`clarion.${name}`) ?? here.get(name) ?? otherwise;
  } catch {
    return here.get(name) ?? otherwise;
  }
}

export function remember(name, value) {
  here.set(name, value);
  try {
    localStorage.setItem(`clarion.${name}`, value);
  } catch {
    // It stays for this page.
  }
}
