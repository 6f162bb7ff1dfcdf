import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { prefix } from './registry';

const names = { postgres: 'Postgres', temporal: 'Temporal' } as const;

/** Shows whether a server answers. @param isAvailable as far as is known: nothing is asked for it */
export function showServer(
  registry: Registry,
  server: keyof typeof names,
  isAvailable: () => boolean,
): void {
  new Gauge({
    name: `${prefix}${server}_up`,
    help: `1 while ${names[server]} answers this process.`,
    registers: [registry],
    collect() {
      this.set(Number(isAvailable()));
    },
  });
}

/** Shows the connections of all pools together. */
export function showPools(registry: Registry, pools: readonly Pool[]): void {
  const sum = (of: (pool: Pool) => number) => pools.reduce((total, pool) => total + of(pool), 0);
  new Gauge({
    name: `${prefix}postgres_pool_connections`,
    help: 'Connections to Postgres that are idle or busy, and callers that wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set(
        { state: 'idle' },
        sum(({ idleCount }) => idleCount),
      );
      this.set(
        { state: 'busy' },
        sum(({ totalCount, idleCount }) => totalCount - idleCount),
      );
      this.set(
        { state: 'waiting' },
        sum(({ waitingCount }) => waitingCount),
      );
    },
  });
}
