import type { FastifyRequest } from 'fastify';
import { sha256 } from '../../crypto/hash';
import { readSessionByCookie, type Session } from '../../db/queries/people/sessions';
import { sessionCookie } from './cookies';
import type { Rows, Settings } from '../deps';

/** Whom the browser's cookie signs in, if anyone. */
export async function browserSession(
  { pool, config }: Rows & Settings,
  request: FastifyRequest,
): Promise<Session | undefined> {
  const value = request.cookies[sessionCookie(config.publicUrl).name];
  return value === undefined ? undefined : readSessionByCookie(pool, sha256(value));
}
