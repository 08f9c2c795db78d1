// Asks the engine. Every answer is the parsed JSON or an `ApiError` in words that a person can act on; who listens for
// `unauthorized` shows the sign-in form. Addresses are relative, so that a proxy may put the console under a path.

/** How long an answer may take before it is given up. */
const PATIENCE = 20_000;

export const api = new EventTarget();

/** An answer that is none: what the server said about it, or that it said nothing. */
export class ApiError extends Error {
  constructor(title, detail, status, problem = {}) {
    super(detail ? `${title}: ${detail}` : title);
    this.title = title;
    this.detail = detail;
    this.status = status;
    this.problem = problem;
  }
}

/** `api/v1/PATH` with a query of the given values; lists repeat, empty ones are left out. */
export function address(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== '' && one !== null && one !== undefined) search.append(name, one);
  }
  const text = search.toString();
  return `api/v1/${path}${text ? `?${text}` : ''}`;
}

export async function get(path, query, signal) {
  return ask('GET', address(path, query), undefined, signal);
}

export async function post(path, body) {
  return ask('POST', address(path), body);
}

export async function remove(path) {
  return ask('DELETE', address(path));
}

let description = null;

/** Whether this engine has an address for a method: what it cannot do is not offered. */
export async function offers(method, path) {
  description ??= get('openapi.json');
  try {
    return Boolean((await description).paths?.[`/api/v1/${path}`]?.[method]);
  } catch {
    description = null;
    return false;
  }
}

async function ask(method, target, body, signal) {
  const limit = AbortSignal.timeout(PATIENCE);
  let response;
  let text;
  try {
    response = await fetch(target, {
      method,
      // Browsers send no type without a body; everything that changes something is asked for with one.
      headers: method === 'GET' ? { Accept: 'application/json' } : { Accept: 'application/json', 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    if (limit.aborted) throw new ApiError('The engine did not answer', `nothing came within ${PATIENCE / 1000} seconds`, 0);
    throw new ApiError('The engine cannot be reached', 'is it running, and is the network up?', 0);
  }
  if (!response.ok) throw await refused(response, text, target);
  if (response.status === 204 || text === '') return null;
  return parsed(text);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('The answer makes no sense', 'it is not JSON; does something stand between this page and the engine?', 0);
  }
}

/** The error behind an answer of `application/problem+json`, or of anything else. */
export async function refused(response, text, target) {
  let problem = {};
  try {
    problem = JSON.parse(text) ?? {};
  } catch {
    // A proxy may answer in its own way; the status is all there is then.
  }
  if (response.status === 401 && !target.endsWith('/session')) api.dispatchEvent(new Event('unauthorized'));
  return new ApiError(String(problem.title ?? `The engine answered ${response.status}`), problem.detail ? String(problem.detail) : '', response.status, problem);
}
