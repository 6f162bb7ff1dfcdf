import { DatabaseError } from 'pg';

/** Postgres is away, going away, full, too slow or lets us not in: asked again later, the same request may succeed. */
const codes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // SQLSTATE, Postgres documentation appendix A.
  '3D000', // invalid_catalog_name: the database is not there, or not yet
  '42501', // insufficient_privilege: a GRANT mends it
  '25006', // read_only_sql_transaction: a failover is under way
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: the statement's time ran out
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);

/**
 * Classes of SQLSTATE: 08 connection exception, 28 invalid authorization (a login is rejected, as while its password is
 * being changed), 53 insufficient resources, 58 system error.
 */
const classes = ['08', '28', '53', '58'];

/** `pg` gives these no code. */
const messages = [
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Connection terminated',
  'Client has encountered a connection error',
];

/** Whether an error from `pg` says that the database can't be reached, lets us not in or can't answer in time. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (codes.has(code) || (code.length === 5 && classes.includes(code.slice(0, 2)))) return true;
  const text = 'message' in error && typeof error.message === 'string' ? error.message : '';
  return messages.some((message) => text.startsWith(message));
}

/**
 * SQLSTATE classes that concern single rows: 22 data exception, 23 integrity violation, 40 transaction
 * rollback (a deadlock), 54 limit exceeded. Everything else concerns the whole statement.
 */
const rowFaultClasses = ['22', '23', '40', '54'];

export function isRowFault(error: unknown): boolean {
  return error instanceof DatabaseError && rowFaultClasses.includes(error.code?.slice(0, 2) ?? '');
}

/** A row that Postgres will never take, however often it is sent: classes 22 and 54. */
export function isRefusedByRow(error: unknown): boolean {
  return error instanceof DatabaseError && ['22', '54'].includes(error.code?.slice(0, 2) ?? '');
}

/**
 * What Postgres refuses however often it is asked: data exceptions (22), integrity (23), what isn't there (42, but for a
 * right that can be granted), limits (54).
 */
export function isRefusedForGood(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    !isDatabaseUnavailable(error) &&
    ['22', '23', '42', '54'].includes(error.code?.slice(0, 2) ?? '')
  );
}
