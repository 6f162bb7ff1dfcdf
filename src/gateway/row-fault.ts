import { DatabaseError } from 'pg';

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
