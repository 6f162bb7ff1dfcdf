import { Counter, type Registry } from 'prom-client';

interface CheapCounter {
  /** Made once for each set of labels: the caller keeps it. */
  labels(...values: readonly string[]): { inc(): void };
}

/** A counter whose counting is an addition: `prom-client` builds a key of the labels each time, which it does here once a scrape. */
export function cheapCounter(
  registry: Registry,
  described: { name: string; help: string; labelNames: readonly string[] },
): CheapCounter {
  const { labelNames } = described;
  const children: { labels: Record<string, string>; count: number }[] = [];
  new Counter({
    ...described,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, count } of children) this.inc(labels, count);
    },
  });
  return {
    labels: (...values) => {
      const pairs = labelNames.map((name, index) => [name, values[index] ?? ''] as const);
      const child = { labels: Object.fromEntries(pairs), count: 0 };
      children.push(child);
      return {
        inc: () => {
          child.count++;
        },
      };
    },
  };
}
