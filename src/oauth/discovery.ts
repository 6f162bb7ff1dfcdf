import * as client from 'openid-client';
import { sendOnce } from '../lib/http/send-once';
import type { GuardedConnector } from '../lib/http/guarded';
import type { OAuthDeclaration } from '../providers/provider';

/** Passes by itself, or the issuer is wrong. The message holds no secret. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';

  constructor(
    message: string,
    readonly code: 'discovery_failed' | 'address_not_allowed' = 'discovery_failed',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface CacheEntry {
  metadata: Promise<client.ServerMetadata>;
  /** Milliseconds of `performance.now()`. */
  goodUntil: number;
}

const goodForMs = 60 * 60 * 1000;
const timeoutMs = 5_000;
/** By declaration, so that two registries in one process share nothing; then by issuer. */
const caches = new WeakMap<OAuthDeclaration, Map<string, CacheEntry>>();

/**
 * An issuer's metadata (OpenID Connect Discovery 1.0, else RFC 8414), asked for once an hour and
 * once for all who wait for it. Where asking again fails, what was known goes on being used.
 * @throws DiscoveryError
 */
export async function discoverServer(
  declaration: OAuthDeclaration,
  issuer: string,
  connect: GuardedConnector,
): Promise<client.ServerMetadata> {
  const cache = caches.get(declaration) ?? new Map<string, CacheEntry>();
  caches.set(declaration, cache);
  const cached = cache.get(issuer);
  if (cached !== undefined && performance.now() < cached.goodUntil) return cached.metadata;
  const metadata = ask(issuer, connect);
  const entry: CacheEntry = { metadata, goodUntil: performance.now() + goodForMs };
  cache.set(issuer, entry);
  try {
    return await entry.metadata;
  } catch (error) {
    if (cached !== undefined) {
      cache.set(issuer, cached);
      return cached.metadata;
    }
    if (cache.get(issuer) === entry) cache.delete(issuer);
    throw error;
  }
}

async function ask(issuer: string, connect: GuardedConnector): Promise<client.ServerMetadata> {
  const attempts: unknown[] = [];
  let code: DiscoveryError['code'] = 'discovery_failed';
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    try {
      const configuration = await client.discovery(
        new URL(issuer),
        'discovery',
        {},
        client.None(),
        {
          algorithm,
          [client.customFetch]: async (url, init) => {
            const result = await fetchMetadata(url, init, connect);
            if (result.kind === 'answered') return result.response;
            if (result.code === 'address_not_allowed') code = result.code;
            throw new DiscoveryError(result.code);
          },
          // What may be plain http is decided in sendOnce, for every address alike.
          // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out
          execute: [client.allowInsecureRequests],
        },
      );
      return configuration.serverMetadata();
    } catch (error) {
      attempts.push(error);
    }
  }
  const [cause] = attempts;
  throw new DiscoveryError(`The metadata of ${issuer} could not be read.`, code, { cause });
}

async function fetchMetadata(
  url: string,
  { headers }: client.CustomFetchOptions,
  connect: GuardedConnector,
) {
  const signal = AbortSignal.timeout(timeoutMs);
  const result = await sendOnce({ method: 'GET', url, headers, connect, signal });
  if (result.kind === 'failed') return result;
  const { status, kind, body } = result;
  return { kind, response: new Response(body.length === 0 ? null : body, { status }) };
}
