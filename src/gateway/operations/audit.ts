import type { FastifyRequest } from 'fastify';
import { isDatabaseUnavailable } from '../../db/error-classes';
import type { Queryable } from '../../db/pool';
import { type AuditAction, insertAudit, type NewAuditRow } from '../../db/queries/audit';
import { loadSubjectHash, type SubjectHash } from '../../db/queries/encryption/hash-key';
import { HoldfastError, messageOf } from '../../lib/errors';
import { newId } from '../../lib/ids';
import type { Logger } from '../../lib/log';
import type { Encryption, Rows } from '../deps';

/** What was done, and to whom; with neither it is everybody. */
export interface Audited {
  action: AuditAction;
  userId?: string;
  integrationId?: string;
  keyId?: string;
  sessionId?: string;
  /** The user's id of the person who did it, where it isn't the request's key or session that says so. */
  byUserId?: string;
}

/**
 * Writes the row: in the transaction of what it is about, or before that happens.
 * @throws HoldfastError `database_unavailable`: then nothing may be done either
 */
export type WriteAudit = (db: Queryable) => Promise<void>;

export type AuditDeps = Rows & Encryption & { log: Logger };

/** Readies rows of one request, for operations that find out by themselves whom they are about. */
export type Auditor = (what: Audited) => Promise<WriteAudit>;

export const auditor =
  (deps: AuditDeps, request: FastifyRequest): Auditor =>
  (what) =>
    audited(deps, request, what);

/**
 * Readies the row of a request, before any transaction: whom it is about stands in it as a keyed hash, so that the row
 * may outlive them.
 * @throws HoldfastError `sealing_key_unavailable`
 */
export async function audited(
  { pool, envelope, log }: AuditDeps,
  request: FastifyRequest,
  what: Audited,
): Promise<WriteAudit> {
  const hash = await loadSubjectHash(pool, envelope);
  const { integrationId } = what;
  const row: NewAuditRow = {
    id: newId('aud'),
    ...actorOf(request, what, hash),
    action: what.action,
    subject: subjectOf(what, hash),
    integrationHash: integrationId === undefined ? null : hash('integration', integrationId),
    sourceAddress: request.sender.address,
    requestId: request.id,
  };
  return async (db) => {
    try {
      await insertAudit(db, row);
    } catch (cause) {
      const { action, requestId } = row;
      if (!isDatabaseUnavailable(cause)) {
        log.error(
          { event: 'audit.not_stored', action, requestId, err: messageOf(cause) },
          'The audit could not be stored: what was asked for is not done',
        );
      }
      throw new HoldfastError(
        'database_unavailable',
        'This could not be recorded in the audit, and so it is not done. Send the request again later.',
        { cause, retryAfterSeconds: 2 },
      );
    }
  };
}

function actorOf(
  { apiKey, personSession }: FastifyRequest,
  { byUserId = personSession?.userId }: Audited,
  hash: SubjectHash,
) {
  if (apiKey != null) {
    return { actorKind: 'key', actorName: apiKey.name, actorId: apiKey.id } as const;
  }
  if (byUserId !== undefined) {
    const actorName = hashText('user', byUserId, hash);
    return { actorKind: 'person', actorName, actorId: null } as const;
  }
  throw new Error('Nobody is known to have asked for what has to be recorded.');
}

function subjectOf(
  { userId, integrationId, keyId, sessionId }: Audited,
  hash: SubjectHash,
): string | null {
  if (keyId !== undefined) return `key:${keyId}`;
  if (sessionId !== undefined) return `session:${sessionId}`;
  if (integrationId !== undefined) return hashText('integration', integrationId, hash);
  return userId === undefined ? null : hashText('user', userId, hash);
}

/** `user:0123456789abcdef`: 64 bits of the hash, which tell anybody apart. */
export function hashText(kind: 'user' | 'integration', id: string, hash: SubjectHash): string {
  return `${kind}:${hash(kind, id).toString('hex').slice(0, 16)}`;
}
