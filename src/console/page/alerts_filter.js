// What the reader wants to see of the alerts: read from the address and written into it, so that a link shows another person the same;
// the query for the engine; and the same test for an alert that the stream brings.

const SINGLE = ['q', 'model', 'rule', 'technique', 'group', 'from', 'to', 'since'];
const SEVERAL = ['level', 'status', 'life'];

export const SINCE = [['', 'Any time'], ['1h', 'Last hour'], ['24h', 'Last 24 hours'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days'], ['own', 'From … to …']];
const HOURS = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 };

export function fromQuery(query) {
  const filter = {};
  for (const name of SINGLE) filter[name] = query.get(name) ?? '';
  for (const name of SEVERAL) filter[name] = query.getAll(name);
  filter.by = query.get('by') === 'model' ? 'model' : '';
  return filter;
}

/** The address of the list with this filter. */
export function toAddress(filter) {
  const query = new URLSearchParams();
  for (const name of SINGLE) if (filter[name]) query.set(name, filter[name]);
  for (const name of SEVERAL) for (const value of filter[name]) query.append(name, value);
  if (filter.by) query.set('by', filter.by);
  const text = query.toString();
  return `#/alerts${text ? `?${text}` : ''}`;
}

/** What the engine is asked; “the last hour” becomes a moment. */
export function toRequest(filter) {
  const { q, model, rule, technique, group, to, level, status, life } = filter;
  return { q, model, rule, technique, group, level, status, life, from: from(filter), to };
}

function from(filter) {
  const hours = HOURS[filter.since];
  return hours ? new Date(Date.now() - hours * 3_600_000).toISOString() : filter.from;
}

/** Whether an alert belongs to the list, as the engine would say. */
export function matches(filter, alert) {
  const one = (values, value) => values.length === 0 || values.includes(value);
  if (!one(filter.level, alert.level) || !one(filter.status, alert.status) || !one(filter.life, alert.life?.state)) return false;
  if (filter.model && alert.model?.name !== filter.model) return false;
  if (filter.rule && alert.rule?.id !== filter.rule) return false;
  if (filter.technique && !(alert.techniques ?? []).includes(filter.technique)) return false;
  const values = (alert.group ?? []).map(([, value]) => value ?? '');
  if (filter.group && !values.includes(filter.group)) return false;
  const time = Date.parse(alert.time);
  const start = from(filter);
  if (start && time < Date.parse(start)) return false;
  if (filter.to && time > Date.parse(filter.to)) return false;
  const text = [alert.message, alert.rule?.name, alert.reason, ...values].join('\n').toLowerCase();
  return filter.q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Every condition by itself: name, value, and the filter without it. */
export function conditions(filter) {
  const found = [];
  for (const name of ['q', 'model', 'rule', 'technique', 'group', 'from', 'to']) {
    if (filter[name]) found.push({ name, value: filter[name], without: { ...filter, [name]: '' } });
  }
  for (const name of SEVERAL) {
    for (const value of filter[name]) found.push({ name, value, without: { ...filter, [name]: filter[name].filter((one) => one !== value) } });
  }
  if (HOURS[filter.since]) found.push({ name: 'since', value: filter.since, without: { ...filter, since: '' } });
  return found;
}
