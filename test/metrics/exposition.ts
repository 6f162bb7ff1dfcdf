/** A metric as Prometheus reads it (text format 0.0.4). */
export interface Exposed {
  help: string;
  type: string;
  samples: { labels: Record<string, string>; value: number }[];
}

/** By name; a histogram's series are samples of it. */
export function metricsOf(text: string): Map<string, Exposed> {
  const metrics = new Map<string, Exposed>();
  const of = (name: string): Exposed => {
    const base = name.replace(/_(bucket|sum|count)$/, '');
    const found = metrics.get(name) ?? metrics.get(base) ?? { help: '', type: '', samples: [] };
    if (!metrics.has(name) && !metrics.has(base)) metrics.set(name, found);
    return found;
  };
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, word, about = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') of(about).help = rest;
    else if (word === 'TYPE') of(about).type = rest;
    else {
      const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
      of(name).samples.push({
        labels: Object.fromEntries(pairs.map(([, label = '', word_ = '']) => [label, word_])),
        value: Number(value),
      });
    }
  }
  return metrics;
}

const otherUnits =
  /(^|_)(milliseconds|ms|minutes|hours|days|kilobytes|megabytes|kb|mb|percent)(_|$)/;

/** The rules of `promtool check metrics` that a new metric could break. @returns what is wrong */
export function lint(metrics: ReadonlyMap<string, Exposed>): string[] {
  return [...metrics].flatMap(([name, { help, type }]) => [
    ...(help === '' ? [`${name} has no help`] : []),
    ...(type === '' ? [`${name} has no type`] : []),
    ...((type === 'counter') === name.endsWith('_total') ? [] : [`${name} is a ${type}`]),
    ...(/_(bucket|sum|count)$/.test(name) ? [`${name} ends as a part of a histogram does`] : []),
    ...(otherUnits.test(name) ? [`${name} has no base unit`] : []),
    ...(/[A-Z]/.test(name) || name.includes(':') ? [`${name} is not in snake case`] : []),
    ...(new RegExp(`(^|_)(${['gauge', 'counter', 'histogram'].join('|')})(_|$)`).test(name)
      ? [`${name} has its type in its name`]
      : []),
  ]);
}
