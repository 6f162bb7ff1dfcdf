import fc from 'fast-check';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import type { ConnectedWebhook } from '../../../src/providers/webhook-declaration';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { openOutgoing } from '../../support/connections';
import { answerKeys, signingKey, startKeyServer, token, type SigningKey } from './key-server';
import { nowMs, oneEvent, webhook } from '../requests';

const audience = 'https://hooks.example/push';
const serviceAccount = 'push@project.iam.gserviceaccount.com';
const nowSeconds = nowMs / 1000;

let key: SigningKey;
let forger: SigningKey;
let server: Awaited<ReturnType<typeof startKeyServer>>;
let declaration: ConnectedWebhook;

beforeAll(async () => {
  key = await signingKey('k1');
  forger = await signingKey('k1');
  server = await startKeyServer(answerKeys([key]));
  declaration = {
    ...{ scheme: 'google-pubsub', audience, serviceAccount, keysUrl: server.url },
    outgoing: openOutgoing,
  };
});

afterAll(() => server.close());

const claims = (changed: Record<string, unknown> = {}): JWTPayload => ({
  iss: 'https://accounts.google.com',
  aud: audience,
  email: serviceAccount,
  email_verified: true,
  sub: '113774264463038321964',
  iat: nowSeconds,
  exp: nowSeconds + 3600,
  ...changed,
});

const wrap = (data: string, more: object = {}) =>
  JSON.stringify({
    message: { data: Buffer.from(data).toString('base64'), messageId: '2070443601311540', ...more },
    subscription: 'projects/p/subscriptions/s',
  });

const send = (headers: [string, string][], body = wrap('{}'), more: object = {}) =>
  verifyWebhook({ ...declaration, ...more }, webhook(headers, body), []);

async function verdict(jwt: string): Promise<string> {
  const result = await send([['Authorization', `Bearer ${jwt}`]]);
  return result.ok ? 'verified' : result.reason;
}

test.each(['https://accounts.google.com', 'accounts.google.com'])(
  'S12 a token of %s verifies without any secret; the message’s id is the key',
  async (iss) => {
    const jwt = await token(key, claims({ iss }));
    const verified = await send([['authorization', `bearer ${jwt}`]]);
    expect(verified).toEqual(
      oneEvent({ dedupeKey: '2070443601311540', eventType: null, account: null }),
    );
  },
);

test.each<[string, Record<string, unknown>, string]>([
  ['another audience', { aud: 'https://other.example' }, 'wrong_audience'],
  ['no audience', { aud: undefined }, 'wrong_audience'],
  ['another issuer', { iss: 'https://evil.example' }, 'wrong_sender'],
  ['another account', { email: 'other@project.iam.gserviceaccount.com' }, 'wrong_sender'],
  ['no account', { email: undefined }, 'wrong_sender'],
  ['an account that is not verified', { email_verified: false }, 'wrong_sender'],
  ['an account that is "verified"', { email_verified: 'true' }, 'wrong_sender'],
  ['an end that has come', { exp: nowSeconds - 61 }, 'stale_timestamp'],
  ['an end just now', { exp: nowSeconds - 59 }, 'verified'],
  ['no end', { exp: undefined }, 'missing_timestamp'],
  ['no beginning', { iat: undefined }, 'missing_timestamp'],
  ['a beginning ahead', { iat: nowSeconds + 120 }, 'future_timestamp'],
  ['a beginning two days ago', { iat: nowSeconds - 172_800 }, 'stale_timestamp'],
  ['a time before which it is not good', { nbf: nowSeconds + 120 }, 'future_timestamp'],
  ['an end that is no number', { exp: 'never' }, 'malformed_timestamp'],
])('S14 a token with %s', async (_, changed, outcome) => {
  expect(await verdict(await token(key, claims(changed)))).toBe(outcome);
});

test('S12 a token signed by somebody else is refused, whatever key it names', async () => {
  expect(await verdict(await token(forger, claims()))).toBe('wrong_signature');
  expect(await verdict(await token({ ...forger, kid: 'k2' }, claims()))).toBe('wrong_signature');
  const nameless = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' });
  expect(await verdict(await nameless.sign(key.privateKey))).toBe('wrong_signature');
});

test('S12 no other algorithm is good: none, or the public key as a secret', async () => {
  expect(await verdict(new UnsecuredJWT(claims()).encode())).toBe('malformed_signature');
  const secret = Buffer.from(JSON.stringify(key.jwk));
  const confused = new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k1' });
  expect(await verdict(await confused.sign(secret))).toBe('malformed_signature');
});

test('S12 refused: no token, two, an empty one, another kind of credentials, junk', async () => {
  const good = `Bearer ${await token(key, claims())}`;
  const reasonOf = async (headers: [string, string][]) => {
    const result = await send(headers);
    return result.ok ? 'verified' : result.reason;
  };
  expect(await reasonOf([])).toBe('missing_signature');
  expect(await reasonOf([['authorization', '']])).toBe('missing_signature');
  expect(
    await reasonOf([
      ['authorization', good],
      ['Authorization', good],
    ]),
  ).toBe('missing_signature');
  for (const odd of [
    'Basic dTpw',
    'Bearer',
    'Bearer ',
    `${good} x`,
    good.slice(7),
    'Bearer a.b.c',
  ]) {
    expect(await reasonOf([['authorization', odd]])).toBe('malformed_signature');
  }
  const cut = good.slice(0, -8);
  expect(await reasonOf([['authorization', cut]])).toBe('wrong_signature');
});

test('S12 whatever stands in the header or the body, nothing is thrown', async () => {
  const jwt = await token(key, claims());
  const parts = fc.oneof(
    fc.constantFrom(...jwt.split('.'), '', 'e30', 'bnVsbA', 'W10', 'eyJhbGciOiJSUzI1NiJ9'),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { maxLength: 5 }), fc.json(), async (some, body) => {
      const odd = some.join('.');
      fc.pre(odd !== jwt);
      expect((await send([['authorization', `Bearer ${odd}`]], body)).ok).toBe(false);
      expect((await send([['authorization', `Bearer ${jwt}`]], body)).ok).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('keys that can not be had are no refusal: the sender is told to try again', async () => {
  const gone = await startKeyServer((response) => response.destroy());
  await gone.close();
  const jwt = await token(key, claims());
  const sent = send([['authorization', `Bearer ${jwt}`]], wrap('{}'), { keysUrl: gone.url });
  await expect(sent).rejects.toMatchObject({ code: 'sender_keys_unavailable', status: 503 });
});

test('S17 pointers look into the message’s data, which is cut as it was written', async () => {
  const headers: [string, string][] = [['authorization', `Bearer ${await token(key, claims())}`]];
  const body = wrap('{"historyId":9007199254740993,"emailAddress":"a@example.com"}');
  const one = await send(headers, body, { accountPointer: '/historyId' });
  expect(one).toEqual(oneEvent({ account: '9007199254740993', body: Buffer.from(body) }));
  const several = await send(headers, wrap('[{"a": 1},{"a":2}]'), {
    eventsPointer: '',
    accountPointer: '/a',
  });
  expect(several).toMatchObject({
    events: [
      { body: Buffer.from('{"a": 1}'), dedupeKey: 'item:0:2070443601311540', account: '1' },
      { body: Buffer.from('{"a":2}'), dedupeKey: 'item:1:2070443601311540', account: '2' },
    ],
  });
});

test('data that is no JSON, and a message without a wrapper, are looked into as they came', async () => {
  const jwt = await token(key, claims());
  const authorization: [string, string] = ['authorization', `Bearer ${jwt}`];
  const plain = wrap('not JSON', { attributes: { 'ce-type': 'google.workspace.chat.v1' } });
  expect(await send([authorization], plain, { accountPointer: '/subscription' })).toEqual(
    oneEvent({ account: 'projects/p/subscriptions/s', eventType: 'google.workspace.chat.v1' }),
  );
  const bare: [string, string][] = [authorization, ['x-goog-pubsub-message-id', '77']];
  expect(await send(bare, '{"a":"b"}', { accountPointer: '/a' })).toEqual(
    oneEvent({ account: 'b', dedupeKey: '77' }),
  );
});
