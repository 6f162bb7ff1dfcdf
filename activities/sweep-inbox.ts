import { owedKinds, owedPage, type Owed } from '../src/db/queries/owed';
import type { Pool } from '../src/db/pool';
import type { Actors } from '../src/temporal/actors';
import type { Logger } from '../src/log';

export interface SweepDeps {
  pool: Pool;
  actors: Pick<Actors, 'webhookReceived' | 'holdChanged' | 'tokensStored' | 'noticeWaiting'>;
  log: Logger;
}

const pageSize = 50;

/** Where a sweep goes on: a kind, and the last id that was rung. */
type Cursor = string;

/**
 * Rings at most one full page of those that something is owed to. A lost signal is a delay for as long as a sweep takes
 * to come by, never a loss.
 *
 * @returns where to go on; null at the end
 */
export function createSweepInbox({ pool, actors, log }: SweepDeps) {
  return async function sweepInbox(input: {
    all: boolean;
    cursor: Cursor | null;
  }): Promise<{ cursor: Cursor | null }> {
    let { kind, after } = parse(input.cursor);
    for (;;) {
      const page = await owedPage(pool, kind, { all: input.all, after, limit: pageSize });
      const rung = await Promise.allSettled(page.map(ring));
      // An actor that can't be signalled must not keep the sweep from the others.
      const failed = rung.filter(({ status }) => status === 'rejected').length;
      const line = { kind, rung: page.length, failed };
      if (failed > 0) log.warn(line, 'the sweep could not ring everybody');
      else if (page.length > 0) log.info(line, 'the sweep rang for what is owed');
      const last = page.at(-1);
      if (last !== undefined && page.length === pageSize) return { cursor: `${kind} ${last.id}` };
      const next = owedKinds[owedKinds.indexOf(kind) + 1];
      if (next === undefined) return { cursor: null };
      [kind, after] = [next, ''];
    }
  };

  function ring({ kind, id, version }: Owed): Promise<void> {
    switch (kind) {
      case 'inbox':
        return actors.webhookReceived(id, []);
      case 'status':
        return actors.holdChanged(id);
      case 'credential':
        return actors.tokensStored(id, version);
      case 'notices':
        return actors.noticeWaiting(id);
    }
  }
}

function parse(cursor: Cursor | null): { kind: Owed['kind']; after: string } {
  const [name, after = ''] = (cursor ?? '').split(' ', 2);
  return { kind: owedKinds.find((kind) => kind === name) ?? owedKinds[0], after };
}
