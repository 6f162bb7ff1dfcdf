import type { FastifyRequest } from 'fastify';
import { randomToken, sha256 } from '../../crypto/hash';
import type { IntegrationCredential } from '../../db/queries/credentials/of-integration';
import { insertSession } from '../../db/queries/people/sessions';
import { inTransaction } from '../../db/transaction';
import { HoldfastError } from '../../lib/errors';
import type { Providers, Rows, Settings } from '../deps';
import { notFound } from '../http/path-ids';
import { allowedReturn } from '../http/return-to';
import type { WriteAudit } from './audit';

/** In seconds: of a session that names none, and of a link. */
export const sessionSeconds = 3_600;
export const linkSeconds = 600;

export const linkAddress = ({ publicUrl }: Settings['config'], code: string): string =>
  `${publicUrl}/s/${code}`;

/** What a session is known by, and what of it is stored. The database has hashes alone. */
export function newSessionSecrets() {
  const token = randomToken(32);
  const code = randomToken(32);
  return { token, code, tokenHash: sha256(token), linkHash: sha256(code) };
}

/**
 * Of the page that a request comes from, where its people are the application's or ours: such a page may sign them in by a
 * link that it has asked for. Null for every other, and for what names none.
 */
export function pageOrigin(
  { headers: { origin } }: Pick<FastifyRequest, 'headers'>,
  { publicUrl, allowedOrigins }: Settings['config'],
): string | null {
  const known = [new URL(publicUrl).origin, ...allowedOrigins];
  return known.find((one) => one === origin) ?? null;
}

/** @throws HoldfastError `invalid_request` where nobody is sent there */
export function checkReturn(returnTo: string | undefined, { config }: Settings): void {
  if (returnTo === undefined || allowedReturn(returnTo, config) !== undefined) return;
  throw new HoldfastError(
    'invalid_request',
    'body.returnTo: must be an address of an origin in HOLDFAST_ALLOWED_ORIGINS.',
  );
}

/**
 * That a link can connect what it is for.
 * @param credential undefined where the integration has none: without OAuth none is made for it
 * @throws HoldfastError `invalid_request`, `integration_not_found`
 */
export function checkConnectable(
  { registry }: Providers,
  integrationProvider: string,
  credential: Pick<IntegrationCredential, 'provider'> | undefined,
): void {
  const provider = credential?.provider ?? integrationProvider;
  if (registry.get(provider)?.oauth === undefined) {
    throw new HoldfastError(
      'invalid_request',
      `"${provider}" has no OAuth: nothing can be connected there by a link.`,
    );
  }
  if (credential === undefined) throw notFound('int');
}

/**
 * Makes a session of the application's, with its row in the audit.
 * @throws HoldfastError `unauthorized` where its maker's key is revoked at this moment
 */
export async function makeSession(
  { pool }: Rows,
  session: Parameters<typeof insertSession>[1],
  record: WriteAudit,
) {
  const ends = await inTransaction(pool, async (client) => {
    const made = await insertSession(client, session);
    if (made !== undefined) await record(client);
    return made;
  });
  if (ends === undefined)
    throw new HoldfastError('unauthorized', 'This API key has ended just now.');
  return ends;
}
