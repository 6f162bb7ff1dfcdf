import * as client from 'openid-client';
import { sendOnce } from '../lib/http/send-once';
import type { OAuthDeclaration } from '../providers/provider';

/** Passes by itself, or the issuer is wrong. The message holds no secret. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';
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
): Promise<client.ServerMetadata> {
  const cache = caches.get(declaration) ?? new Map<string, CacheEntry>();
  caches.set(declaration, cache);
  const cached = cache.get(issuer);
  if (cached !== undefined && performance.now() < cached.goodUntil) return cached.metadata;
  const entry: CacheEntry = { metadata: ask(issuer), goodUntil: performance.now() + goodForMs };
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

async function ask(issuer: string): Promise<client.ServerMetadata> {
  const attempts: unknown[] = [];
  for (const algorithm of ['oidc', 'oauth2'] as const) {
    try {
      const configuration = await client.discovery(
        new URL(issuer),
        'discovery',
        {},
        client.None(),
        {
          algorithm,
          [client.customFetch]: fetchMetadata,
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
  throw new DiscoveryError(`The metadata of ${issuer} could not be read.`, { cause: attempts[0] });
}

async function fetchMetadata(url: string, init: client.CustomFetchOptions): Promise<Response> {
  const result = await sendOnce({
    method: 'GET',
    url,
    headers: init.headers,
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (result.kind === 'failed') throw new DiscoveryError(result.code);
  const empty = result.body.length === 0;
  return new Response(empty ? null : result.body, { status: result.status });
}
