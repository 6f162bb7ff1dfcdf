import { randomBytes, randomUUID } from 'node:crypto';
import type { EncryptionKey } from '../../src/crypto/envelope';
import { createEnvelope } from '../../src/crypto/envelope';
import { contextOf, type SealedColumn, sealedColumns } from '../../src/crypto/encrypted-columns';
import type { Pool } from '../../src/db/pool';
import { insertCredential, insertIntegration } from '../support/scenes/rows';

export const sealingKey = (id: string): EncryptionKey => ({ id, key: randomBytes(32) });

/** A row of each table that has sealed columns, and what its values say: by context, in plain. */
export async function insertSealedRows(
  pool: Pool,
  key: EncryptionKey,
  count: number,
): Promise<Map<string, string>> {
  const plain = new Map<string, string>();
  const envelope = createEnvelope([key]);
  const columnOf = (table: string, name: string) => {
    const column = sealedColumns.find((one) => one.table === table && one.column === name);
    if (column === undefined) throw new Error(`${table}.${name} is no sealed column`);
    return column;
  };
  const seal = (table: string, name: string, id: string | Buffer) => {
    const context = contextOf(columnOf(table, name), id);
    const text = `${name}-${randomUUID()}`;
    plain.set(`${table}.${name} ${context}`, text);
    return envelope.seal(text, context);
  };
  for (let made = 0; made < count; made++) {
    const id = randomUUID();
    const hash = randomBytes(32);
    await insertIntegration(pool, { id });
    await insertCredential(pool, {
      id,
      access_token: seal('credentials', 'access_token', id),
      refresh_token: seal('credentials', 'refresh_token', id),
    });
    await pool.query(
      `INSERT INTO integration_secrets (id, integration_id, purpose, secret)
       VALUES ($1, $1, 'webhook', $2)`,
      [id, seal('integration_secrets', 'secret', id)],
    );
    await pool.query(
      `INSERT INTO oauth_states (state_hash, browser_hash, provider, integration_id,
         credential_name, credential_id, code_verifier, resume, expires_at)
       VALUES ($1, $1, 'acme', $2, 'main', $2, $3, true, now())`,
      [hash, id, seal('oauth_states', 'code_verifier', hash)],
    );
    await pool.query(
      `INSERT INTO confirmations (code_hash, browser_hash, confirm, user_id, provider,
         integration_id, credential_name, credential_id, grant_tokens, resume, expires_at)
       VALUES ($1, $1, 'page', 'user', 'acme', $2, 'main', $2, $3, true, now())`,
      [hash, id, seal('confirmations', 'grant_tokens', hash)],
    );
    await pool.query(
      `INSERT INTO idempotency_keys (key_hash, request_hash, status, answer)
       VALUES ($1, $1, 200, $2)`,
      [hash, seal('idempotency_keys', 'answer', hash)],
    );
    await pool.query(
      `INSERT INTO revocations (credential_id, user_id, provider, version, access_token,
         refresh_token)
       VALUES ($1, 'user', 'acme', 1, $2, $3)`,
      [id, seal('revocations', 'access_token', id), seal('revocations', 'refresh_token', id)],
    );
    await pool.query('INSERT INTO hash_keys (id, key) VALUES ($1, $2)', [
      id,
      seal('hash_keys', 'key', id),
    ]);
    await pool.query(
      `INSERT INTO notices (id, stream, integration_id, type, payload, reconnect_code)
       VALUES ($1, $1, $1, 'integration.error', '{}', $2)`,
      [id, seal('notices', 'reconnect_code', id)],
    );
  }
  return plain;
}

interface Opened {
  keyIds: Set<string>;
  plain: Map<string, string>;
}

/** Opens every sealed value of a database with these keys. */
export async function openAll(pool: Pool, keys: readonly EncryptionKey[]): Promise<Opened> {
  const opened: Opened = { keyIds: new Set(), plain: new Map() };
  for (const column of sealedColumns) {
    for (const { key, sealed } of await valuesOf(pool, column)) {
      const context = contextOf(column, key);
      opened.plain.set(
        `${column.table}.${column.column} ${context}`,
        createEnvelope(keys).open(sealed, context),
      );
      opened.keyIds.add(keyIdOf(sealed));
    }
  }
  return opened;
}

export async function valuesOf(pool: Pool, { table, column, key }: SealedColumn) {
  const { rows } = await pool.query<{ key: string | Buffer; sealed: Buffer }>(
    `SELECT ${key} AS key, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL`,
  );
  return rows;
}

export const keyIdOf = (sealed: Buffer): string =>
  sealed.subarray(2, 2 + (sealed[1] ?? 0)).toString();
