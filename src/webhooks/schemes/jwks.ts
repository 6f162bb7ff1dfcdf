import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { HoldfastError, messageOf } from '../../lib/errors';
import type { GuardedConnector } from '../../lib/http/guarded';
import { type AnswerHeaders, sendOnce } from '../../lib/http/send-once';
import { readPointer } from '../../lib/json-pointer';

const timeoutMs = 5_000;
const maxKeys = 50;
const shortestMs = 60_000;
const longestMs = 24 * 3_600_000;
/** Where the answer doesn't say for how long it is good. */
const defaultMs = 300_000;
/** A key nobody has heard of may be a new one or a forger's: they are asked for again this often at most. */
const refetchMs = 30_000;
/** After a failure nobody asks again before. */
const retryMs = 5_000;

/** A sender's public keys, kept for as long as their server says (RFC 9111 section 5.2.2.1). */
export interface Jwks {
  /**
   * @returns undefined where the sender has no such key
   * @throws HoldfastError `sender_keys_unavailable`
   */
  find(keyId: string): Promise<KeyObject | undefined>;
}

/** @param url of a JWK Set (RFC 7517 section 5) */
export function createJwks(
  url: string,
  connect: GuardedConnector,
  now: () => number = () => performance.now(),
): Jwks {
  let keys: ReadonlyMap<string, KeyObject> = new Map();
  let goodUntil = -Infinity;
  let fetchedAt = -Infinity;
  let failure: { at: number; error: HoldfastError } | undefined;
  let inFlight: Promise<void> | undefined;

  async function fetchKeys(): Promise<void> {
    if (failure !== undefined && now() - failure.at < retryMs) throw failure.error;
    try {
      const answer = await fetchKeySet(url, connect);
      keys = answer.keys;
      fetchedAt = now();
      goodUntil = fetchedAt + answer.maxAgeMs;
      failure = undefined;
    } catch (cause) {
      failure = { at: now(), error: unavailable(cause) };
      throw failure.error;
    }
  }

  return {
    async find(keyId) {
      const isFresh = now() < goodUntil;
      const known = isFresh ? keys.get(keyId) : undefined;
      if (known !== undefined || (isFresh && now() - fetchedAt < refetchMs)) return known;
      inFlight ??= fetchKeys().finally(() => (inFlight = undefined));
      await inFlight;
      return keys.get(keyId);
    },
  };
}

async function fetchKeySet(url: string, connect: GuardedConnector) {
  const answer = await sendOnce({
    method: 'GET',
    url,
    headers: { accept: 'application/json', 'user-agent': 'holdfast' },
    connect,
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (answer.kind === 'failed') throw new Error(answer.code);
  if (answer.status !== 200) throw new Error(`HTTP ${String(answer.status)}`);
  const keys = readKeys(JSON.parse(answer.body.toString('utf8')));
  if (keys.size === 0) throw new Error('the answer has no RSA key');
  return { keys, maxAgeMs: maxAgeMs(answer.headers) };
}

function readKeys(answer: unknown): Map<string, KeyObject> {
  const list = readPointer(answer, '/keys');
  const keys = new Map<string, KeyObject>();
  for (const key of Array.isArray(list) ? (list.slice(0, maxKeys) as unknown[]) : []) {
    const keyId = readPointer(key, '/kid');
    if (typeof keyId !== 'string' || readPointer(key, '/kty') !== 'RSA') continue;
    try {
      keys.set(keyId, createPublicKey({ key: key as JsonWebKey, format: 'jwk' }));
    } catch {
      // One that can't be read must not hide the others.
    }
  }
  return keys;
}

function maxAgeMs(headers: AnswerHeaders): number {
  const directives = String(headers['cache-control'] ?? '');
  const seconds = /(?:^|[\s,])max-age=(\d{1,10})/i.exec(directives)?.[1];
  if (seconds === undefined) return defaultMs;
  const age = Number(headers['age'] ?? 0);
  const leftMs = (Number(seconds) - (Number.isFinite(age) ? age : 0)) * 1000;
  return Math.min(Math.max(leftMs, shortestMs), longestMs);
}

const unavailable = (cause: unknown) =>
  new HoldfastError(
    'sender_keys_unavailable',
    `The sender's public keys can not be had now (${messageOf(cause)}); send the webhook again.`,
    { cause, retryAfterSeconds: retryMs / 1000 },
  );
