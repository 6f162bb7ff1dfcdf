import { type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { ask, expectRefusal, json } from './bad-requests';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture();
});
afterAll(() => gateway.close());

type Code = Parameters<typeof expectRefusal>[1];

describe('what a new integration must not be', () => {
  const good = { userId: 'u', name: 'n', provider: 'acme', handler: 'sync' };
  const tokens = { accessToken: 'x' };

  test.each<[string, object, Code, RegExp]>([
    ['of an unknown provider', { provider: 'nobody' }, 'unknown_provider', /provider/],
    [
      'of a provider that is misspelt',
      { provider: 'acne' },
      ...(['unknown_provider', /configuration \(Did you mean "acme"\?\)\.$/] as const),
    ],
    ['of a provider named like a property', { provider: '__proto__' }, 'unknown_provider', /./],
    ['without a user', { userId: undefined }, 'invalid_request', /userId/],
    ['of a user with a space behind', { userId: 'a ' }, 'invalid_request', /userId/],
    ['of a user with a NUL', { userId: 'a\u0000' }, 'invalid_request', /userId/],
    [
      'of a user that is a number',
      { userId: 7 },
      'invalid_request',
      /^body\.userId: must be 1 to 255 bytes/,
    ],
    ['without a name', { name: '' }, 'invalid_request', /name/],
    ['with a long name', { name: 'x'.repeat(256) }, 'invalid_request', /name/],
    ['handled by nobody', { handler: 'nobody' }, 'invalid_request', /handler/],
    [
      'handled by one that is misspelt',
      { handler: 'synch' },
      ...(['invalid_request', /^body\.handler: .* \(Did you mean "sync"\?\)\.$/] as const),
    ],
    [
      'forwarded in another word',
      { handler: 'foward' },
      ...(['invalid_request', /^body\.handler: .* \(Did you mean "forward"\?\)\.$/] as const),
    ],
    ['handled by a property', { handler: 'toString' }, 'invalid_request', /handler/],
    ['forwarded nowhere', { handler: 'forward' }, 'invalid_request', /destination/],
    ['forwarded to a file', { destination: { url: 'file:///x' } }, 'invalid_request', /http/],
    ['forwarded to no address', { destination: { url: 'x' } }, 'invalid_request', /http/],
    [
      'forwarded with a password',
      { destination: { url: 'https://u:p@x.example' } },
      ...(['invalid_request', /password/] as const),
    ],
    ['a policy nobody knows', { whenError: 'x' }, 'invalid_request', /one of: keep, discard/],
    ['no word for a token', { whenTokenUnavailable: 'x' }, 'invalid_request', /wait, send/],
    ['an order nobody knows', { handling: { order: 'some' } }, 'invalid_request', /strict, none/],
    ['none at once', { handling: { concurrency: 0 } }, 'invalid_request', /concurrency/],
    ['too many at once', { handling: { concurrency: 21 } }, 'invalid_request', /concurrency/],
    ['no attempt', { handling: { maxAttempts: 0 } }, 'invalid_request', /maxAttempts/],
    ['too many attempts', { handling: { maxAttempts: 21 } }, 'invalid_request', /maxAttempts/],
    ['attempts in text', { handling: { maxAttempts: '5' } }, 'invalid_request', /maxAttempts/],
    ['a long time', { handling: { giveUpAfterSeconds: 3601 } }, 'invalid_request', /3600/],
    ['half a second', { handling: { giveUpAfterSeconds: 0.5 } }, 'invalid_request', /whole number/],
    ['no time at all', { handling: { giveUpAfterSeconds: -1 } }, 'invalid_request', /giveUpAfter/],
    ['a setting nobody knows', { handling: { retries: 3 } }, 'invalid_request', /retries/],
    ['handling in a list', { handling: [] }, 'invalid_request', /handling/],
    ['handling as null', { handling: null }, 'invalid_request', /handling/],
    [
      'metadata that is text',
      { metadata: 'x' },
      'invalid_request',
      /^body\.metadata: must be an object or null/,
    ],
    ['much metadata', { metadata: { x: 'é'.repeat(8_192) } }, 'invalid_request', /16384 bytes/],
    ['a webhook account with a NUL', { webhookAccount: 'a\u0000' }, 'invalid_request', /NUL/],
    ['a webhook account, half', { webhookAccount: 'a\uD800' }, 'invalid_request', /surrogate/],
    ['a secret of no form', { webhookSecret: 'not base64!' }, 'invalid_request', /whsec_/],
    ['a secret of 7 bytes', { webhookSecret: 'whsec_AAAAAAAAAA==' }, 'invalid_request', /8 bytes/],
    ['a short public key', { webhookSecret: 'whpk_AAAA' }, 'invalid_request', /whpk_/],
    ['an empty secret', { webhookSecret: '' }, 'invalid_request', /webhookSecret/],
    ['credentials in a list', { credentials: [tokens] }, 'invalid_request', /credentials/],
    ['a nameless credential', { credentials: { '': tokens } }, 'invalid_request', /credentials/],
    ['an empty credential', { credentials: { main: {} } }, 'invalid_request', /main/],
    [
      'a token with a line break',
      { credentials: { main: { accessToken: 'a\nb' } } },
      ...(['invalid_request', /accessToken/] as const),
    ],
    [
      'tokens that expire on a day that is none',
      { credentials: { main: { ...tokens, expiresAt: '2027-02-30T00:00:00Z' } } },
      ...(['invalid_request', /expiresAt/] as const),
    ],
    [
      'tokens that expire in a leap second',
      { credentials: { main: { ...tokens, expiresAt: '2026-12-31T23:59:60Z' } } },
      ...(['invalid_request', /expiresAt/] as const),
    ],
    [
      'tokens and an id',
      { credentials: { main: { ...tokens, id: 'crd_1' } } },
      ...(['invalid_request', /either/] as const),
    ],
    [
      'a credential that is not there',
      { credentials: { main: { id: 'crd_1' } } },
      ...(['credential_not_found', /main/] as const),
    ],
    [
      'a credential whose id is junk',
      { credentials: { main: { id: "crd_' --" } } },
      ...(['credential_not_found', /main/] as const),
    ],
  ])('%s', async (_what, change, code, message) => {
    const payload = JSON.stringify({ ...good, ...change });
    const answer = await ask(
      gateway,
      { method: 'POST', url: '/v1/integrations' },
      { payload, headers: json },
    );
    expectRefusal(answer, code);
    expect(answer.error?.message).toMatch(message);
  });

  test('none of these left anything behind', async () => {
    const { rows } = await gateway.pool.query(
      "SELECT id FROM integrations WHERE user_id = 'u' OR name = 'n'",
    );
    expect(rows).toEqual([]);
  });
});
