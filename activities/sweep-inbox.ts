import { owedKinds, owedPage, type Owed } from '../src/db/queries/owed';
import type { Pool } from '../src/db/pool';
import type { Registry } from '../src/providers/registry';
import type { Actors } from '../src/temporal/actors';
import type { Logger } from '../src/log';
import { createDeleteHistories, type HistoriesDeps } from './delete-histories';

export interface SweepDeps extends HistoriesDeps {
  pool: Pool;
  actors: HistoriesDeps['actors'] &
    Pick<Actors, 'holdChanged' | 'tokensStored' | 'noticeWaiting' | 'replayWaiting'>;
  registry: Registry;
  log: Logger;
}

const pageSize = 50;

/** Where a sweep goes on: a kind, and the last id that was rung; or what comes after all kinds. */
type Cursor = string;
const afterAllKinds = 'deleted';

/**
 * Rings at most one full page of those that something is owed to, and clears up after deletions at the end. A lost
 * signal is a delay for as long as a sweep takes to come by, never a loss.
 *
 * @returns where to go on; null at the end
 */
export function createSweepInbox(deps: SweepDeps) {
  const { pool, actors, log, registry } = deps;
  const probed = registry.names().filter((name) => registry.get(name)?.probe !== undefined);
  const deleteHistories = createDeleteHistories(deps);

  return async function sweepInbox(input: {
    all: boolean;
    cursor: Cursor | null;
  }): Promise<{ cursor: Cursor | null }> {
    if (input.cursor === afterAllKinds) return clearUp();
    let { kind, after } = parse(input.cursor);
    for (;;) {
      const page = await owedPage(pool, kind, { all: input.all, probed, after, limit: pageSize });
      const rung = await Promise.allSettled(page.map(ring));
      // An actor that can't be signalled must not keep the sweep from the others.
      const failed = rung.filter(({ status }) => status === 'rejected').length;
      const line = { kind, rung: page.length, failed };
      if (failed > 0) log.warn(line, 'the sweep could not ring everybody');
      else if (page.length > 0) log.info(line, 'the sweep rang for what is owed');
      const last = page.at(-1);
      if (last !== undefined && page.length === pageSize) return { cursor: `${kind} ${last.id}` };
      const next = owedKinds[owedKinds.indexOf(kind) + 1];
      if (next === undefined) return clearUp();
      [kind, after] = [next, ''];
    }
  };

  async function clearUp(): Promise<{ cursor: Cursor | null }> {
    const { more } = await deleteHistories();
    return { cursor: more ? afterAllKinds : null };
  }

  function ring({ kind, id, version }: Owed): Promise<void> {
    switch (kind) {
      case 'inbox':
        // More than a webhook's bell, which leaves alone what waits: what it waits for may have come.
        return actors.holdChanged(id);
      case 'status':
        return actors.holdChanged(id);
      case 'credential':
        return actors.tokensStored(id, version);
      case 'notices':
        return actors.noticeWaiting(id);
      case 'revocation':
        return actors.credentialDeleted(id);
      case 'replay':
        return actors.replayWaiting(id);
    }
  }
}

function parse(cursor: Cursor | null): { kind: Owed['kind']; after: string } {
  const [name, after = ''] = (cursor ?? '').split(' ', 2);
  return { kind: owedKinds.find((kind) => kind === name) ?? owedKinds[0], after };
}
