import type { Pool } from '../../../../src/db/pool';

/** A pool whose user stands still after its first query, as a stopped process would, until it is let go. */
export interface Stall {
  pool: Pool;
  /** Resolves once its user stands still. */
  reached: Promise<void>;
  letGo(): void;
}

export function stallAfterFirstQuery(pool: Pool): Stall {
  let letGo: () => void = () => undefined;
  let arrived: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  const reached = new Promise<void>((resolve) => (arrived = resolve));
  let queries = 0;
  const stalling = Object.create(pool) as Pool;
  stalling.connect = pool.connect.bind(pool);
  const query = pool.query.bind(pool) as (...query: unknown[]) => Promise<unknown>;
  stalling.query = (async (...asked: unknown[]) => {
    if (++queries === 2) {
      arrived();
      await gone;
    }
    return query(...asked);
  }) as Pool['query'];
  return {
    pool: stalling,
    reached,
    letGo: () => {
      letGo();
    },
  };
}
