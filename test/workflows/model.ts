import fc from 'fast-check';
import type { SettleInput } from '../../activities/status/settle';
import type { CredentialInvalidated, Reauthorized } from '../../workflows/contract/messages';
import type {
  CredentialFact,
  IntegrationStatus,
  IntegrationFacts,
} from '../../workflows/contract/status';
import { type Decision, decideStatus, decideSwitch } from '../../workflows/decide-status';
import {
  adopt,
  type IntegrationState,
  newIntegrationState,
  noteInvalidation,
  noteReauthorization,
  takeLook,
} from '../../workflows/integration-state';

/** Postgres as the actor knows it: rows with compare-and-set, and nothing that was said. */
export interface Rows {
  status: IntegrationStatus;
  transition: number;
  reason: IntegrationFacts['reason'];
  credentials: (CredentialFact & { disabledVersion: number; resumeVersion: number })[];
  audit: { number: number; from: IntegrationStatus; to: IntegrationStatus }[];
}

export function newRows(names: readonly string[] = ['main', 'backup']): Rows {
  return {
    status: 'ENABLED',
    transition: 0,
    reason: null,
    audit: [],
    credentials: names.map((name) => ({
      name,
      id: `crd_${name}`,
      version: 1,
      state: 'alive',
      code: null,
      disabledVersion: -1,
      resumeVersion: -1,
    })),
  };
}

/** What the activity `settle` does, on the model's rows. */
export function settle(rows: Rows, input: SettleInput): IntegrationFacts {
  for (const { credentialId, version, code } of input.invalidations) {
    const row = rows.credentials.find(({ id }) => id === credentialId);
    if (row?.version === version && row.state === 'alive')
      Object.assign(row, { state: 'dead', code });
  }
  const facts: IntegrationFacts = {
    userId: 'user-1',
    name: 'crm',
    provider: 'acme',
    status: rows.status,
    since: '2026-01-01T00:00:00.000Z',
    transition: rows.transition,
    reason: rows.reason,
    credentials: rows.credentials.map(({ name, id, version, state, code }) => ({
      ...{ name, id, version, state, code },
    })),
    resumeAsked:
      input.resume || rows.credentials.some((row) => row.resumeVersion > row.disabledVersion),
  };
  return facts;
}

/** What the activities `recordTransition` and `recordReason` do, on the model's rows. */
export function record(rows: Rows, decision: Decision): void {
  if (decision.kind === 'none') return;
  const { to, code, credential, credentials = null, message, by } = decision.next;
  const since = '2026-01-01T00:00:00.000Z';
  rows.reason =
    to === 'ENABLED'
      ? null
      : {
          code: code as NonNullable<Rows['reason']>['code'],
          credential,
          credentials,
          message,
          by,
          since,
        };
  if (decision.kind === 'reason') return;
  rows.audit.push({ number: rows.transition + 1, from: rows.status, to });
  rows.status = to;
  rows.transition++;
  if (to === 'DISABLED') for (const row of rows.credentials) row.disabledVersion = row.version;
}

export interface Actor {
  state: IntegrationState;
  rows: Rows;
}

export const newActor = (rows: Rows): Actor => ({ state: newIntegrationState('int_1'), rows });

/** One look, as the workflow takes it. */
export function look({ state, rows }: Actor): void {
  const facts = settle(rows, takeLook(state));
  adopt(state, facts);
  record(rows, decideStatus(facts));
}

/** A person's switch, as the workflow's update does it. */
export function flip(actor: Actor, to: 'enable' | 'disable'): 'done' | 'refused' {
  look(actor);
  const facts = settle(actor.rows, takeLook(actor.state));
  if (to === 'enable' && facts.status === 'ERROR') return 'refused';
  record(actor.rows, decideSwitch(facts, to, { by: 'ops' }));
  return 'done';
}

/** New tokens in a row: committed before anything is said about it. */
export function store(rows: Rows, name: string, resume: boolean): Reauthorized {
  const row = rows.credentials.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no credential ${name}`);
  Object.assign(row, { version: row.version + 1, state: 'alive', code: null });
  if (resume) row.resumeVersion = row.version;
  return { credentialId: row.id, version: row.version, ...(resume ? { resume } : {}) };
}

export type Message =
  | { kind: 'credentialInvalidated'; message: CredentialInvalidated }
  | { kind: 'reauthorized'; message: Reauthorized };

export function deliver({ state }: Actor, { kind, message }: Message): void {
  if (kind === 'credentialInvalidated') noteInvalidation(state, [message]);
  else noteReauthorization(state, [message]);
}

/** The status that the design's table gives for the newest version of every credential. */
export function statusByTable(rows: Rows, disabled: boolean): IntegrationStatus {
  if (disabled) return 'DISABLED';
  return rows.credentials.some(({ state }) => state === 'dead') ? 'ERROR' : 'ENABLED';
}

export const anyInvalidation = fc.record({
  kind: fc.constant('credentialInvalidated' as const),
  message: fc.record({
    credentialId: fc.constantFrom('crd_main', 'crd_backup', 'crd_unknown'),
    version: fc.constantFrom(0, 1, 2, 3, 9999),
    code: fc.constantFrom('invalid_grant' as const, 'revoked' as const),
  }),
});
