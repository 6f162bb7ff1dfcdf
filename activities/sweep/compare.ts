import { setTimeout as timeout } from 'node:timers/promises';
import {
  type ActorPage,
  credentialPage,
  integrationPage,
} from '../../src/db/queries/sweep/actor-rows';
import type { Pool } from '../../src/db/pool';
import { beginComparison, noteComparison } from '../../src/db/queries/sweep/state';
import type { Logger } from '../../src/lib/log';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';
import type { ShownActors } from '../../src/temporal/shown-actors';
import type { ShowUser } from '../../src/temporal/shown-user';
import { workflowIds } from '../../workflows/contract/ids';
import { differs, type Expected, expectedOfCredential, expectedOfIntegration } from './differs';
import { endStrays, type StraysDeps } from './strays';

export interface CompareDeps {
  pool: Pool;
  actors: Pick<Actors, 'lookAtIntegration' | 'lookAtCredential'> & StraysDeps['actors'];
  shownActors: ShownActors;
  showUser: ShowUser;
  durations: {
    /** Between two requests for lists. */
    comparePauseMs: number;
  };
  log: Logger;
}

/** Two requests a second: Temporal answers about ten in a namespace, and people ask too. */
export const usualComparePauseMs = 500;

/** Rows a request. */
const usualPageSize = 500;
/** How long one run of the activity goes on with another page. */
const shareMs = 10_000;

const kinds = ['integration', 'credential', 'stray'] as const;
type Kind = (typeof kinds)[number];

/** Where a comparison goes on, and what it has seen so far, as its workflow keeps it. */
export interface Comparison {
  /** As `beginComparison` gave it. */
  begunAt: string;
  /** Since the last one the rows have gone back in time, and left actors without any. */
  wentBack: boolean;
  kind: Kind;
  after: string;
  /** Rows. */
  compared: number;
  /** Their actors did not run. */
  missing: number;
  /** Their actors were shown otherwise than their rows are. */
  stale: number;
  /** They ran, and had no row. */
  strays: number;
  /** Of those three, whom no signal reached. */
  failed: number;
}

export interface CompareStep {
  cursor: Comparison | null;
}

interface Actor {
  workflowId: string;
  expected: Expected;
  signal: () => Promise<void>;
}

const beginning: Omit<Comparison, 'begunAt' | 'wentBack'> = {
  ...{ kind: 'integration', after: '' },
  ...{ compared: 0, missing: 0, stale: 0, strays: 0, failed: 0 },
};

/**
 * Compares, page by page for some seconds, every row with what lists show of its actor, and signals those that are not
 * shown, which starts them, and those that are shown otherwise. Lists are a moment behind: who is signalled without need
 * finds nothing to do. Actors of other rows than ours are left alone, unless the rows have gone back in time: then those without
 * one end.
 *
 * @returns where to go on; null at the end, which it writes
 * @throws the error of Postgres or Temporal, where not even a first page could be compared
 */
export function createCompareActors(deps: CompareDeps, pageSize: number = usualPageSize) {
  const { pool, actors, shownActors, showUser, durations, log } = deps;

  return async function compareActors(step: CompareStep): Promise<CompareStep> {
    const startedAt = performance.now();
    let at = step.cursor ?? { ...beginning, ...(await beginComparison(pool)) };
    let isFirst = step.cursor === null;
    for (let pages = 0; ; pages++) {
      let next: Comparison | null;
      try {
        next = await comparePage(at, isFirst);
      } catch (error) {
        // From where it came to: whom it has signalled is not signalled again with each attempt.
        if (pages === 0) throw error;
        return { cursor: at };
      }
      if (next === null) return { cursor: null };
      isFirst = false;
      at = next;
      if (performance.now() - startedAt > shareMs) return { cursor: at };
    }
  };

  async function comparePage(at: Comparison, isFirst: boolean): Promise<Comparison | null> {
    if (at.kind === 'stray') return strayPage(at);
    const page = await readPage(at);
    const last = page.length === pageSize ? page.at(-1) : undefined;
    const seen = page.length === 0 ? at : await compare(at, page, isFirst);
    if (last !== undefined) return { ...seen, after: last.id };
    const kind = kinds[kinds.indexOf(at.kind) + 1];
    if (kind !== undefined && (kind !== 'stray' || at.wentBack))
      return { ...seen, kind, after: '' };
    return end(seen);
  }

  async function strayPage(at: Comparison): Promise<Comparison | null> {
    await timeout(durations.comparePauseMs);
    const { after, found, failed } = await endStrays(deps, at.after);
    if (failed > 0) warn(at.kind, found, failed);
    const seen = { ...at, after, strays: at.strays + found, failed: at.failed + failed };
    return after === '' ? end(seen) : seen;
  }

  async function end(seen: Comparison): Promise<null> {
    // A stray may have missed its signal, and rows that are still being restored may bring back who was told to end.
    await noteComparison(pool, seen.strays > 0 ? '-infinity' : seen.begunAt);
    const { compared, missing, stale, strays, failed } = seen;
    log.info(
      { event: 'sweep.compared', compared, missing, stale, strays, failed },
      'What lists show of actors was compared with all rows',
    );
    return null;
  }

  function warn(kind: Kind, rung: number, failed: number): void {
    log.warn(
      { event: 'sweep.signals_failed', kind, rung, failed },
      'The sweep could not signal every actor',
    );
  }

  async function compare(
    at: Comparison,
    page: readonly Actor[],
    isFirst: boolean,
  ): Promise<Comparison> {
    if (!isFirst) await timeout(durations.comparePauseMs);
    const shown = await shownActors.shown(page.map(({ workflowId }) => workflowId));
    const missing = page.filter(({ workflowId }) => !shown.has(workflowId));
    const stale = page.filter(({ workflowId, expected }) => {
      const attributes = shown.get(workflowId);
      return attributes !== undefined && differs(expected, attributes);
    });
    const due = [...missing, ...stale];
    const failed = (await signalPaced(due, ({ signal }) => signal())).length;
    if (failed > 0) warn(at.kind, due.length, failed);
    return {
      ...at,
      compared: at.compared + page.length,
      missing: at.missing + missing.length,
      stale: at.stale + stale.length,
      failed: at.failed + failed,
    };
  }

  async function readPage({ kind, after }: Comparison): Promise<(Actor & { id: string })[]> {
    const page: ActorPage = { after, limit: pageSize };
    if (kind === 'integration') {
      return (await integrationPage(pool, page)).map((row) => ({
        id: row.id,
        workflowId: workflowIds.integration(row.id),
        expected: expectedOfIntegration(row, showUser),
        signal: () => actors.lookAtIntegration(row.id, 'differs', row.userId),
      }));
    }
    return (await credentialPage(pool, page)).map((row) => ({
      id: row.id,
      workflowId: workflowIds.credential(row.id),
      expected: expectedOfCredential(row),
      signal: () => actors.lookAtCredential(row.id, row.version, 'differs', row.userId),
    }));
  }
}
