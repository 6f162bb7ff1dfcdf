import { columnName } from '../crypto/encrypted-columns';
import type { Queryable } from '../db/pool';
import { countSealed, type Sealing } from '../db/queries/encryption/values';
import type { Logger } from '../lib/log';
import type { OlderSealings } from './values-under-older-keys';
import type { Progress, Unreadable } from './reencrypt';

const progressMs = 30_000;
/** What is told once is remembered up to so many; beyond that it is only counted. */
const toldLimit = 1_000;

/** What a log says of the sealing anew; nothing where only values are left that it has named before. */
export function createSealingLog(log: Logger, key: string) {
  const told = new Set<string>();
  let left = 0;
  let values = 0;
  let saidAt = 0;
  let startedAt = 0;

  const once = (what: string, tell: () => void) => {
    if (told.has(what) || told.size >= toldLimit) return;
    told.add(what);
    tell();
  };

  return {
    overtaken(by: string) {
      const message =
        'another process has a newer key first in HOLDFAST_KEYS: this one seals nothing anew';
      once(`overtaken by ${by}`, () => log.warn({ key, newest: by }, message));
    },
    unknownKey({ column, keyId }: Sealing) {
      const where = columnName(column);
      const message =
        'values are sealed with a key that HOLDFAST_KEYS lacks; they stay as they are';
      once(`${where} with ${keyId}`, () => log.error({ column: where, keyId }, message));
    },
    /** @param due what is going to be sealed anew */
    async begins(db: Queryable, due: readonly Sealing[]) {
      values = 0;
      for (const sealing of due) values += await countSealed(db, sealing);
      startedAt = saidAt = performance.now();
      if (values === left) return;
      log.info({ key, olderKeys: keysOf(due), values }, 'sealing values with the first key');
    },
    progress({ sealed, unreadable }: Progress) {
      if (performance.now() - saidAt < progressMs) return;
      saidAt = performance.now();
      log.info({ key, sealed, unreadable, values }, 'values are being sealed with the first key');
    },
    unreadable({ column, row, code }: Unreadable) {
      const message = 'a sealed value can not be opened; it stays as it is';
      once(`${column}:${row}:${code}`, () => log.error({ column, row, code }, message));
    },
    ends({ sealed, unreadable }: Progress, { due }: OlderSealings) {
      const nothingNew = sealed === 0 && unreadable === left;
      left = unreadable;
      if (nothingNew) return;
      const durationMs = Math.round(performance.now() - startedAt);
      const message =
        due.length === 0
          ? 'every value is sealed with the first key'
          : 'values are sealed with the first key; some are left';
      log.info({ key, sealed, unreadable, durationMs, olderKeys: keysOf(due) }, message);
    },
  };
}

const keysOf = (sealings: readonly Sealing[]) => [...new Set(sealings.map(({ keyId }) => keyId))];
