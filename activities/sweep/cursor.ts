import type { SweepMark } from '../../workflows/contract/messages';
import type { SweepResult } from '../../src/metrics/worker-words';
import { type DueKind, dueKinds } from '../../src/db/queries/sweep/due';

/** Where a sweep goes on, as its workflow keeps it: nothing that the workflow reads. */
export type SweepCursor = string;

export interface SweepStep {
  all: boolean;
  cursor: SweepCursor | null;
  /** What the sweep before this one ended with, as far as Temporal remembers it. */
  seen?: SweepMark | null;
}

export interface SweepProgress {
  /** Where to go on; null at the end. */
  cursor: SweepCursor | null;
  /** At the end. Older workers tell none. */
  mark?: SweepMark | null;
}

const ends = { completed: 'deleted', incomplete: 'deleted, incomplete', failed: 'deleted, failed' };

/** What comes after all kinds. @param result how the sweep ends, as far as it is known by then */
export const afterAllKinds = (result: SweepResult): SweepCursor => ends[result];

/** How a sweep ends that is past all kinds; undefined for one that is not. */
export const resultOf = (cursor: SweepCursor | null): SweepResult | undefined =>
  (Object.keys(ends) as SweepResult[]).find((result) => ends[result] === cursor);

/** The kinds that are not done yet, in the order of their turns, each with what its last page ended with. */
export type Turns = Map<DueKind, string>;

/** Beside the kinds of a cursor: this sweep could not read everything. */
const unread = 'unread';

/** @param isWhole whether everything could be read until now */
export const writeCursor = (turns: Turns, isWhole: boolean): SweepCursor =>
  JSON.stringify([...turns, ...(isWhole ? [] : [[unread, '']])]);

/** Whether everything could be read until there. */
export const isWholeSoFar = (cursor: SweepCursor | null): boolean =>
  !parsed(cursor).some((entry) => Array.isArray(entry) && entry[0] === unread);

/** Whatever can't be read, such as what an older worker wrote, is a beginning: signalling twice does no harm. */
export function readCursor(cursor: SweepCursor | null): Turns {
  const turns: Turns = new Map();
  for (const entry of parsed(cursor)) {
    const [name, after] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const kind = dueKinds.find((one) => one === name);
    if (kind !== undefined && typeof after === 'string') turns.set(kind, after);
  }
  return turns.size > 0 ? turns : new Map(dueKinds.map((kind) => [kind, '']));
}

function parsed(cursor: SweepCursor | null): unknown[] {
  try {
    const value: unknown = JSON.parse(cursor ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
