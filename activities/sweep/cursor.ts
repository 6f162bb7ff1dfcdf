import type { SweepMark } from '../../workflows/contract/messages';
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

/** What comes after all kinds. */
export const afterAllKinds: SweepCursor = 'deleted';

/** The kinds that are not done yet, in the order of their turns, each with what its last page ended with. */
export type Turns = Map<DueKind, string>;

export const writeCursor = (turns: Turns): SweepCursor => JSON.stringify([...turns]);

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
