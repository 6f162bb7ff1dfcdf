import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { randomToken, sha256 } from '../../crypto/hash';
import { type ApiKeyScope, findApiKeys, noteApiKeyUse } from '../../db/queries/api-keys';
import { shareReads } from '../../lib/batch-reads';
import { HoldfastError, messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import type { Rows, Settings } from '../deps';

/** As whom the application asks. */
export interface ApiKeyHolder {
  /** Null: one of `HOLDFAST_API_KEYS`. */
  id: string | null;
  name: string;
  scopes: readonly ApiKeyScope[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where no API key has asked. */
    apiKey: ApiKeyHolder | null;
  }
  interface FastifyContextConfig {
    /** What an API key needs for this route. Default: `read` to look, `manage` for everything else. */
    scope?: ApiKeyScope;
  }
}

export interface ApiKeys {
  /**
   * Whose key a bearer is; undefined where it doesn't look like one, and may be something else.
   * @throws HoldfastError `unauthorized` for a key that is not known, or no longer good
   * @throws Error where it can't be looked up
   */
  find(token: string): Promise<ApiKeyHolder | undefined>;
  /** What was looked up is asked for anew: a key was revoked. */
  forget(): void;
  close(): Promise<void>;
}

/** The bearer token of RFC 6750 section 2.1, or undefined. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? '')?.[1];
}

/** A key for `POST /v1/keys`: 256 bits. */
export const newApiKey = (): string => `hfk_${randomToken(32)}`;
const looksLikeKey = (token: string) => /^hfk_[A-Za-z0-9_-]{43}$/.test(token);

/** How long a key goes on answering here after another gateway has revoked it, at most. */
const rememberMs = 2_000;
/** Unknown ones count too: whoever sends thousands of them only costs everybody a statement more. */
const maxRemembered = 1_000;
const useEveryMs = 60_000;

/** All of `HOLDFAST_API_KEYS`. */
export const ofSettings: ApiKeyHolder = { id: null, name: 'HOLDFAST_API_KEYS', scopes: ['admin'] };

/** The keys of the settings, which need no database, and those that `POST /v1/keys` has made. */
export function createApiKeys({
  config: { apiKeys },
  pool,
  log,
  now = () => performance.now(),
}: Rows & Settings & { log: Logger; /** In milliseconds. */ now?: () => number }): ApiKeys {
  const known = apiKeys.map((key) => sha256(key));
  const read = shareReads((hashes) => findApiKeys(pool, hashes));
  type Found = NonNullable<Awaited<ReturnType<typeof read>>>;
  const remembered = new Map<string, { found: Found | null; until: number }>();
  const usedAt = new Map<string, number>();
  const writing = new Set<Promise<void>>();

  async function look(hash: string): Promise<Found | null> {
    const askedAt = now();
    const last = remembered.get(hash);
    if (last !== undefined && last.until > askedAt) return last.found;
    const found = await read(hash);
    remembered.delete(hash);
    const [oldest] = remembered.keys();
    if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
    // From before the look: what was revoked during it counts from then.
    remembered.set(hash, { found, until: askedAt + rememberMs });
    return found;
  }

  /** Off the request's way. */
  function noteUse(id: string): void {
    const last = usedAt.get(id);
    if (last !== undefined && now() - last < useEveryMs) return;
    usedAt.set(id, now());
    const write = noteApiKeyUse(pool, id)
      .catch((error: unknown) => {
        log.warn(
          { event: 'api_key.use_not_stored', err: messageOf(error) },
          'The last use of an API key could not be stored',
        );
      })
      .finally(() => writing.delete(write));
    writing.add(write);
  }

  return {
    find: async (token) => {
      const hash = sha256(token);
      // Every key is compared: stopping at the first match would tell which one it is.
      if (known.map((one) => timingSafeEqual(one, hash)).includes(true)) return ofSettings;
      if (!looksLikeKey(token)) return undefined;
      const found = await look(hash.toString('hex'));
      if (found?.state !== 'good') {
        const why = found === null ? 'is not known' : `is ${found.state}`;
        throw new HoldfastError('unauthorized', `This API key ${why}.`);
      }
      const { id, name, scopes } = found;
      noteUse(id);
      return { id, name, scopes };
    },
    forget: () => remembered.clear(),
    close: async () => {
      await Promise.all(writing);
    },
  };
}

const reading = new Set(['GET', 'HEAD']);

/** The one place that says what a request needs; a route that names nothing is never more open than its method. */
function neededScope({ method, routeOptions }: FastifyRequest): ApiKeyScope {
  return routeOptions.config.scope ?? (reading.has(method) ? 'read' : 'manage');
}

/** Whether who has these may do what needs that one: `manage` reads too, `admin` is everything. */
function covers(held: readonly ApiKeyScope[], needed: ApiKeyScope): boolean {
  return (
    held.includes(needed) ||
    held.includes('admin') ||
    (needed === 'read' && held.includes('manage'))
  );
}

/** @throws HoldfastError `insufficient_scope` */
export function checkScope(request: FastifyRequest, { scopes }: ApiKeyHolder): void {
  const needed = neededScope(request);
  if (covers(scopes, needed)) return;
  throw new HoldfastError(
    'insufficient_scope',
    `This needs an API key with the scope "${needed}"; this one has: ${scopes.join(', ')}.`,
  );
}
