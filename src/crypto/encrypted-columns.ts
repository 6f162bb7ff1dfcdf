/** One column whose values are sealed: whoever rotates keys goes through all of them. */
interface Sealed {
  table: string;
  column: string;
  /** The table's primary key. */
  key: string;
  keyType: 'text' | 'bytea';
  /** What a value's context begins with; it ends with the primary key, a `bytea` in hexadecimal. */
  context: string;
}

/**
 * Every column that holds sealed values. Nothing else can be sealed: the contexts of an envelope are made
 * of these names. A new one needs an index on `sealed_key(<column>), <key>` in its migration.
 */
export const sealedColumns = [
  {
    ...{ table: 'credentials', column: 'access_token', key: 'id', keyType: 'text' },
    context: 'credentials.access_token',
  },
  {
    ...{ table: 'credentials', column: 'refresh_token', key: 'id', keyType: 'text' },
    context: 'credentials.refresh_token',
  },
  {
    ...{ table: 'integration_secrets', column: 'secret', key: 'id', keyType: 'text' },
    context: 'integration_secrets.secret',
  },
  {
    ...{ table: 'oauth_states', column: 'code_verifier', key: 'state_hash', keyType: 'bytea' },
    context: 'oauth_states.code_verifier',
  },
  {
    ...{ table: 'confirmations', column: 'grant_tokens', key: 'code_hash', keyType: 'bytea' },
    context: 'confirmations.grant_tokens',
  },
  {
    ...{ table: 'idempotency_keys', column: 'answer', key: 'key_hash', keyType: 'bytea' },
    context: 'idempotency_keys.answer',
  },
  // A deleted credential's tokens, as they were sealed for its row.
  {
    ...{ table: 'revocations', column: 'access_token', key: 'credential_id', keyType: 'text' },
    context: 'credentials.access_token',
  },
  {
    ...{ table: 'revocations', column: 'refresh_token', key: 'credential_id', keyType: 'text' },
    context: 'credentials.refresh_token',
  },
  {
    ...{ table: 'hash_keys', column: 'key', key: 'id', keyType: 'text' },
    context: 'hash_keys.key',
  },
  {
    ...{ table: 'notices', column: 'reconnect_code', key: 'id', keyType: 'text' },
    context: 'notices.reconnect_code',
  },
] as const satisfies readonly Sealed[];

export type SealedColumn = (typeof sealedColumns)[number];

/** Where a sealed value belongs: `credentials.refresh_token:crd_…`. The known texts are no secrets. */
export type SealedContext = `${SealedColumn['context'] | 'sealing_keys.known_text'}:${string}`;

/** How logs and people call it: `credentials.refresh_token`. */
export const columnName = ({ table, column }: SealedColumn): string => `${table}.${column}`;

/** @param key the primary key of the value's row */
export const contextOf = ({ context }: SealedColumn, key: string | Buffer): SealedContext =>
  `${context}:${keyText(key)}`;

export const keyText = (key: string | Buffer): string =>
  typeof key === 'string' ? key : key.toString('hex');
