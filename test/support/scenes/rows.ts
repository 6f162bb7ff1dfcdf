import type { Queryable } from '../../../src/db/pool';
import type { DeliveryState } from '../../../src/db/queries/deliveries/list';
import { newId } from '../../../src/lib/ids';
import type { CredentialState, IntegrationStatus } from '../../../workflows/contract/status';

interface Sql {
  sql: string;
}

/** A value that the database works out, as a moment by its clock. In each of several rows, `n` is its number, from 1. */
export const sql = (text: string): Sql => ({ sql: text });

type Fields<Columns> = { [Name in keyof Columns]?: Columns[Name] | Sql };
type Time = Date | string | null;

interface IntegrationColumns {
  id: string;
  user_id: string;
  name: string;
  provider: string;
  handler: string;
  /** JSON text. */
  metadata: string | null;
  status: IntegrationStatus;
  reason_code: string | null;
  destination_url: string | null;
  handling_order: 'strict' | 'none';
  handling_concurrency: number;
}

interface CredentialColumns {
  id: string;
  user_id: string;
  provider: string;
  version: number;
  state: CredentialState;
  code: string | null;
  access_token: Buffer | null;
  refresh_token: Buffer | null;
  account_id: string | null;
  expires_at: Time;
  probe_at: Time;
  degraded_since: Time;
}

interface DeliveryColumns {
  id: string;
  integration_id: string;
  sequence: number;
  claim: string;
  outcome: 'accepted' | 'parked' | 'discarded';
  state: DeliveryState;
  dedupe_hash: Buffer;
  dedupe_key: string | null;
  event_type: string | null;
  /** JSON text. */
  headers: string;
  body: Buffer;
  attempts: number;
  attempts_before: number;
  next_attempt_at: Time;
  waits_for_credential: string | null;
  waits_for_version: number | null;
  error: string | null;
  received_at: Time;
  handled_at: Time;
  ended_at: Time;
}

interface NoticeColumns {
  id: string;
  stream: string;
  type: string;
  /** JSON text. */
  payload: string;
  attempts: number;
  next_attempt_at: Time;
  error: string | null;
  created_at: Time;
  ended_at: Time;
  outcome: 'delivered' | 'given_up' | null;
}

interface HoldColumns {
  user_id: string;
  by: 'operator' | 'user';
  reason: string | null;
}

interface RejectionColumns {
  integration_id: string | null;
  reason: string;
  source_address: string | null;
  size_bytes: number;
  at: Time;
}

const random = (prefix: string) => sql(`'${prefix}_' || gen_random_uuid()`);

const integration = (fields: Fields<IntegrationColumns> & { id: string | Sql }) => ({
  ...{ user_id: 'user-1', name: fields.id, provider: 'acme', status: 'ENABLED' },
  reason_code: (fields.status ?? 'ENABLED') === 'ENABLED' ? null : 'invalid_grant',
  ...fields,
});

/** Its name is its id. */
export const insertIntegration = (db: Queryable, fields: Fields<IntegrationColumns> = {}) =>
  insertOne(db, 'integrations', integration({ id: newId('int'), ...fields }));

export const insertIntegrations = (
  db: Queryable,
  count: number,
  fields: Fields<IntegrationColumns> = {},
) => insert(db, 'integrations', integration({ id: random('int'), ...fields }), count);

/** Alive at version 1, without tokens. */
export const insertCredential = (db: Queryable, fields: Fields<CredentialColumns> = {}) =>
  insertOne(db, 'credentials', {
    ...{ id: newId('crd'), user_id: 'user-1', provider: 'acme', version: 1, state: 'alive' },
    ...fields,
  });

export async function linkCredential(
  db: Queryable,
  link: { integration_id: string; credential_id: string; name?: string },
): Promise<void> {
  await insert(db, 'integration_credentials', { name: 'main', ...link });
}

type DeliveryFields = Fields<DeliveryColumns> & Pick<DeliveryColumns, 'integration_id'>;

const delivery = (fields: DeliveryFields) => ({
  ...{ claim: 'claim', outcome: 'accepted', state: 'pending', headers: '[]', body: '' },
  dedupe_hash: sql('sha256(gen_random_uuid()::text::bytea)'),
  ended_at: (fields.state ?? 'pending') === 'pending' ? null : sql('now()'),
  ...fields,
});

/** Pending, in its integration's inbox. */
export const insertDelivery = (db: Queryable, fields: DeliveryFields) =>
  insertOne(db, 'deliveries', delivery({ id: newId('dlv'), ...fields }));

export const insertDeliveries = (db: Queryable, count: number, fields: DeliveryFields) =>
  insert(db, 'deliveries', delivery({ id: random('dlv'), ...fields }), count);

/** Waiting, in the operator's stream. */
export const insertNotice = (db: Queryable, fields: Fields<NoticeColumns> = {}) =>
  insertOne(db, 'notices', {
    ...{ id: newId('ntc'), stream: 'app:acme', type: 'test', payload: '{}' },
    ended_at: (fields.outcome ?? null) === null ? null : sql('now()'),
    ...fields,
  });

/** A person's own over that user, else the operator's over all. */
export async function insertHold(db: Queryable, fields: Fields<HoldColumns> = {}): Promise<void> {
  const usual =
    fields.user_id === undefined
      ? { scope: 'all', by: 'operator', reason: 'maintenance' }
      : { scope: 'user', by: 'user' };
  await insert(db, 'holds', { ...usual, ...fields });
}

export const insertRejection = (db: Queryable, fields: Fields<RejectionColumns> = {}) =>
  insert(db, 'rejections', { reason: 'wrong_signature', size_bytes: 1, ...fields });

async function insertOne(db: Queryable, table: string, fields: object): Promise<string> {
  const [id] = await insert(db, table, fields);
  if (id === undefined) throw new Error(`nothing was inserted into ${table}`);
  return id;
}

/** @returns their ids, where they have one */
async function insert(db: Queryable, table: string, fields: object, count = 1): Promise<string[]> {
  const values: unknown[] = [];
  const expressions = Object.values(fields).map((value: unknown) =>
    isSql(value) ? value.sql : `$${values.push(value)}`,
  );
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO ${table} (${Object.keys(fields).join(', ')})
     SELECT ${expressions.join(', ')} FROM generate_series(1, ${count}) n
     RETURNING *`,
    values,
  );
  return rows.map(({ id }) => id);
}

const isSql = (value: unknown): value is Sql =>
  typeof value === 'object' && value !== null && 'sql' in value;
