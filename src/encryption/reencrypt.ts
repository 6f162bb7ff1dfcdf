import { type Envelope, EnvelopeError } from '../crypto/envelope';
import { columnName, contextOf, keyText, type SealedColumn } from '../crypto/encrypted-columns';
import type { Pool } from '../db/pool';
import {
  readSealedValues,
  replaceSealedValues,
  type ResealedValue,
  type SealedValue,
  type Sealing,
} from '../db/queries/encryption/values';
import { pause } from '../lib/timing';

/** A value that stays as it is, since nobody can open it. */
export interface Unreadable {
  column: string;
  row: string;
  code: EnvelopeError['code'];
}

export interface Progress {
  /** With the first key, now. */
  sealed: number;
  unreadable: number;
}

export interface SealAnewOptions {
  envelope: Envelope;
  signal: AbortSignal;
  /** Called after each batch. */
  progress?: (progress: Progress) => void;
  unreadable: (value: Unreadable) => void;
}

const batchSize = 100;
/** Leaves the database to those who wait for it, most of the time. */
const pauseMs = 25;

/**
 * Goes once through what these keys seal and seals it with the first one. What changed since it was read, or
 * is held at that moment, stays as it is for the next time; so does what can't be opened.
 */
export async function sealAnew(
  pool: Pool,
  sealings: readonly Sealing[],
  { envelope, signal, progress, unreadable }: SealAnewOptions,
): Promise<Progress> {
  const sum: Progress = { sealed: 0, unreadable: 0 };
  for (const sealing of sealings) {
    let after: SealedValue['key'] | null = null;
    while (!signal.aborted) {
      const read: SealedValue[] = await readSealedValues(pool, sealing, {
        after,
        limit: batchSize,
      });
      const last = read.at(-1);
      if (last === undefined) break;
      after = last.key;
      const { column } = sealing;
      const { fresh, stuck } = reseal(envelope, column, read);
      sum.sealed += await replaceSealedValues(pool, column, fresh);
      sum.unreadable += stuck.length;
      stuck.forEach(unreadable);
      progress?.(sum);
      await pause(pauseMs, signal);
    }
  }
  return sum;
}

function reseal(envelope: Envelope, column: SealedColumn, values: readonly SealedValue[]) {
  const fresh: ResealedValue[] = [];
  const stuck: Unreadable[] = [];
  for (const value of values) {
    const context = contextOf(column, value.key);
    try {
      fresh.push({ ...value, fresh: envelope.seal(envelope.open(value.sealed, context), context) });
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      stuck.push({ column: columnName(column), row: keyText(value.key), code: error.code });
    }
  }
  return { fresh, stuck };
}
