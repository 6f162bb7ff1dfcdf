import { type DeathCode, deathCodes, type IntegrationStatus } from '../../../workflows/contract';
import type { Attached } from '../api/operations/attach-credentials';

export interface InitialStatus {
  status: IntegrationStatus;
  reason: { code: DeathCode; credential: string; message: string; by: string } | null;
}

const isDeathCode = (code: string | null): code is DeathCode =>
  deathCodes.some((known) => known === code);

/** The status that a new integration begins with, at transition 0: its actor has nothing to change. */
export function initialStatus(credentials: readonly Attached[]): InitialStatus {
  const dead = credentials.find(({ state }) => state === 'dead' || state === 'missing');
  if (dead === undefined) return { status: 'ENABLED', reason: null };
  const code =
    dead.state === 'missing' ? 'not_connected' : isDeathCode(dead.code) ? dead.code : 'invalidated';
  const what = dead.state === 'missing' ? 'was never connected' : `is dead (${code})`;
  const message = `The credential "${dead.name}" ${what}. Reconnect to go on.`;
  return { status: 'ERROR', reason: { code, credential: dead.name, message, by: 'system' } };
}
