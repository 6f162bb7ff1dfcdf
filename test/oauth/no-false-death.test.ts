import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decideRejection } from '../../activities/credential/decide-rejection';
import { refreshTokens } from '../../src/oauth/refresh';
import { acme, closeServers, serve } from './loopback';

/**
 * 500 made-up answers to a refresh. What each of them means is worked out here from what it says, and not from how it is
 * read: the class, and why.
 */

afterAll(closeServers);

// What RFC 6749 section 5.2, OpenID Connect Core section 3.1.2.6, GitHub and Slack say of a grant.
const ofTheGrant = [
  ...[
    'invalid_grant',
    'invalid_scope',
    'interaction_required',
    'consent_required',
    'login_required',
  ],
  ...['bad_refresh_token', 'invalid_refresh_token'],
];
const ofTheClient = [
  ...['invalid_client', 'incorrect_client_credentials', 'invalid_client_id', 'bad_client_secret'],
];
const contested = ['invalid_request', 'unauthorized_client', 'unsupported_grant_type'];
const ofNothingKnown = [
  ...['strange_weather', 'slow_down', 'quota_exceeded', 'ratelimited', 'rateLimitExceeded'],
  ...[
    'temporarily_unavailable',
    'server_error',
    'access_denied',
    'grant_invalid',
    'invalid_grants',
  ],
];
const words = [...ofTheGrant, ...ofTheClient, ...contested, ...ofNothingKnown];

/** How a word is said, so that whoever reads it can be sure of it. */
const said: Record<string, (word: string) => string> = {
  'as RFC 6749 has it': (error) => JSON.stringify({ error, error_description: 'It is so.' }),
  'with ok: false': (error) => JSON.stringify({ ok: false, error }),
  'beside null and numbers': (error) => JSON.stringify({ access_token: null, error, status: 9 }),
  'where the declaration points': (code) => JSON.stringify({ error: { code, message: 'No.' } }),
  'in a list where the declaration points': (code) => JSON.stringify({ errors: [{ code }] }),
  'as a form': (error) => `error=${error}&error_description=It+is+so.`,
};
/** A text that is nothing else, which an answer that worked may be, too. */
const bare: Record<string, (word: string) => string> = {
  'as a plain text': (word) => word,
  'as a plain text with a line break': (word) => `${word}\r\n`,
};
/** How it is mentioned, or lost, so that nobody can. */
const mentioned: Record<string, (word: string) => string> = {
  nothing: () => '',
  'a page': (word) => `<!doctype html><title>${word}</title><h1>Error: ${word}</h1>`,
  'a sentence': (word) => `The upstream said ${word} and went away.`,
  'half an answer': (word) => `{"error":"${word}","error_descr`,
  'a description alone': (word) => JSON.stringify({ error_description: word }),
  'another member': (word) => JSON.stringify({ message: word, detail: { reason: word } }),
  'a list': (word) => JSON.stringify([word]),
  XML: (word) => `<?xml version="1.0"?><error>${word}</error>`,
  'no code': (word) => JSON.stringify({ error: `${word}, or so` }),
  'bytes of nobody’s': () => '\u0000\u0001\ufffd{]',
};

const statuses = [
  ...[
    200, 200, 200, 201, 203, 302, 400, 400, 400, 400, 401, 401, 403, 403, 404, 405, 406, 408, 409,
  ],
  ...[410, 412, 418, 422, 423, 424, 425, 429, 451, 499, 500, 501, 502, 503, 504, 520, 529, 599],
];
const contentTypes = [
  ...[undefined, 'application/json', 'application/json; charset=utf-8', 'text/plain', 'text/html'],
  ...['application/x-www-form-urlencoded', 'application/problem+json', 'nonsense'],
];
const encodings: Record<string, (body: Buffer) => Buffer> = {
  identity: (body) => body,
  gzip: (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  br: (body) => brotliCompressSync(body),
};

interface MadeUp {
  status: number;
  contentType: string | undefined;
  encoding: string;
  /** A byte order mark goes before it. */
  marked: boolean;
  word: string;
  carrier: string;
}

const madeUp: fc.Arbitrary<MadeUp> = fc.record({
  status: fc.constantFrom(...statuses),
  contentType: fc.constantFrom(...contentTypes),
  encoding: fc.constantFrom(...Object.keys(encodings)),
  marked: fc.boolean(),
  word: fc.constantFrom(...words),
  carrier: fc.constantFrom(
    ...[said, bare, said, mentioned].flatMap((carriers) => Object.keys(carriers)),
  ),
});

interface Meaning {
  class: 'dead' | 'the client’s fault' | 'somebody’s fault' | 'passes' | 'may be rotated';
  why: string;
}

function meaningOf({ status, carrier, word }: MadeUp): Meaning {
  if (status === 504) return { class: 'may be rotated', why: 'a gateway knows not what was done' };
  if (status >= 500) return { class: 'passes', why: 'the server has a bad moment' };
  if ([408, 425, 429].includes(status)) return { class: 'passes', why: 'another time is meant' };
  if (carrier in said || (carrier in bare && status >= 400)) {
    if (ofTheGrant.includes(word)) return { class: 'dead', why: 'a definite word about the grant' };
    if (ofTheClient.includes(word))
      return { class: 'the client’s fault', why: 'said of the client' };
    if (contested.includes(word)) return { class: 'somebody’s fault', why: 'of grant or client' };
    return { class: 'passes', why: 'nobody knows this word' };
  }
  if (carrier === 'no code')
    return { class: 'passes', why: 'it failed, in words that are no code' };
  if (status < 300) return { class: 'may be rotated', why: 'it worked, and can’t be read' };
  return { class: 'passes', why: 'there is no word at all' };
}

const hour = 60 * 60_000;
const day = 24 * hour;
/** Up to a day after the access token's end, whoever else is accepted, and however long it was rejected before. */
const withinADay = fc
  .record({
    rejectedForMs: fc.option(fc.nat(9 * day)),
    endedForMs: fc.option(fc.integer({ min: -9 * day, max: 9 * day })),
    witnessedMs: fc.option(fc.nat(9 * day)),
  })
  .filter(({ rejectedForMs, endedForMs }) => {
    const lastedMs = Math.min(rejectedForMs ?? 0, endedForMs ?? rejectedForMs ?? 0);
    return lastedMs < day;
  });

const over = { rejectedForMs: 2 * day, endedForMs: 2 * day };

test('S30 S36 S37 no answer that could pass is a death within a day, whatever it looks like', async () => {
  const now: { answer: MadeUp | undefined } = { answer: undefined };
  const server = await serve((response) => {
    if (now.answer === undefined) throw new Error('nothing was made up');
    const { status, contentType, encoding, marked, carrier, word } = now.answer;
    const text = { ...said, ...bare, ...mentioned }[carrier]?.(word) ?? '';
    const body = encodings[encoding]?.(Buffer.from(marked ? `\ufeff${text}` : text));
    response.writeHead(status, {
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    });
    response.end(body);
  });
  const errorPointer = ['/error/code', '/errors/0/code'];
  const provider = acme(`http://127.0.0.1:${server.port}`, { errorPointer });
  const request = { refreshToken: 'the-refresh-token', unansweredBefore: false };

  await fc.assert(
    fc.asyncProperty(madeUp, withinADay, async (answer, facts) => {
      now.answer = answer;
      const signal = AbortSignal.timeout(10_000);
      const { asked, ...outcome } = await refreshTokens(provider, request, { signal });
      if (outcome.kind === 'refreshed') throw new Error('there were no tokens');
      const { status } = answer;
      expect(asked).toMatchObject({ status });
      const decide = (then: typeof facts) => {
        const again = { ...then, lastCode: outcome.code };
        const decided = decideRejection(outcome, { status, rules: [] }, again);
        return decided.kind === 'dead' ? decided.code : decided.kind;
      };
      const isRefused = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
      const meaning = meaningOf(answer);
      const kind = { ...outcome, code: undefined, retryAfterMs: undefined };
      switch (meaning.class) {
        case 'dead':
          expect({ ...kind, meaning }).toEqual({ kind: 'dead', meaning });
          break;
        case 'the client’s fault':
          expect({ ...kind, meaning }).toEqual({ kind: 'app_fault', meaning });
          expect(decide(facts)).toBe('app_fault');
          expect(decide({ ...over, witnessedMs: hour })).toBe('app_fault');
          break;
        case 'somebody’s fault': {
          expect({ ...kind, meaning }).toEqual({ kind: 'app_fault', meaning });
          const { rejectedForMs, witnessedMs } = facts;
          const isWitnessed = rejectedForMs !== null && (witnessedMs ?? Infinity) < rejectedForMs;
          if (!isWitnessed) expect(decide(facts)).toBe('app_fault');
          expect(decide({ ...facts, witnessedMs: null })).toBe('app_fault');
          const isRedirect = status >= 300 && status < 400;
          expect(decide({ ...over, witnessedMs: hour }) === 'app_fault').toBe(isRedirect);
          break;
        }
        case 'passes':
        case 'may be rotated': {
          const unanswered = meaning.class === 'may be rotated';
          expect({ ...kind, meaning }).toEqual({ kind: 'transient', unanswered, meaning });
          expect(decide(facts)).toBe('transient');
          expect(decide({ ...over, witnessedMs: null })).toBe('transient');
          const inTheEnd = isRefused ? 'refresh_rejected' : 'transient';
          expect(decide({ ...over, witnessedMs: hour })).toBe(inTheEnd);
        }
      }
    }),
    { numRuns: 500 },
  );
}, 60_000);
