import { faultsOfProvider } from './faults';

const faultsOfWebhook = (webhook: unknown) => faultsOfProvider({ webhook });

it.each<[unknown, string]>([
  [
    { scheme: 'carrier-pigeon' },
    'scheme must be one of standard-webhooks, github, stripe, slack, shopify, hubspot, attio, google-pubsub, hmac, none',
  ],
  [{ scheme: 'constructor' }, 'scheme must be one of'],
  [{}, 'scheme must be one of'],
  [{ scheme: 'github', header: 'x' }, 'header is unknown; known are scheme, secrets'],
  [{ scheme: 'stripe', accountPointer: [] }, 'accountPointer must not be an empty list'],
  [{ scheme: 'stripe', accountPointer: ['/a', 'b'] }, 'accountPointer[1] must be a JSON Pointer'],
  [{ scheme: 'stripe', accountHeader: 'two words' }, 'accountHeader must be the name of a header'],
  [{ scheme: 'stripe', accountHeader: ['x-a', ''] }, 'accountHeader[1] must be the name'],
  [{ scheme: 'stripe', eventsPointer: 'events' }, 'eventsPointer must be a JSON Pointer'],
  [{ scheme: 'stripe', eventTypePointer: 7 }, 'eventTypePointer must be a JSON Pointer'],
  [{ scheme: 'github', secrets: 'x' }, 'secrets must be a list'],
  [{ scheme: 'github', secrets: [''] }, 'secrets[0] must be a text'],
  [
    { scheme: 'github', successStatus: 302 },
    'successStatus must be a whole number from 200 to 299',
  ],
  [{ scheme: 'github', retries: 'no' }, 'retries must be true or false'],
  [{ scheme: 'none', deathEvents: ['gone'] }, 'eventTypePointer is missing'],
  [{ scheme: 'github', accountPointer: 'id' }, 'accountPointer must be a JSON Pointer'],
])('refuses the webhook %p', (webhook, fault) => {
  expect(faultsOfWebhook(webhook)).toEqual([
    expect.stringContaining(`providers.acme.webhook.${fault}`),
  ]);
});

const hmac = { scheme: 'hmac', header: 'x-signature', algorithm: 'sha256', encoding: 'hex' };

it.each<[object, string]>([
  [{ header: undefined }, 'header is missing'],
  [{ header: 'two words' }, 'header must be the name of a header'],
  [{ algorithm: 'md5' }, 'algorithm must be one of sha256, sha1, sha512'],
  [{ encoding: 'base32' }, 'encoding must be one of hex, base64'],
  [{ signed: '{timestamp}', timestampHeader: 'x-time' }, 'signed must hold {body}'],
  [{ signed: '{url}{body}' }, 'signed has {url}'],
  [{ signed: '{timestamp}.{body}' }, 'timestampHeader is missing'],
  [{ signed: '{id}.{body}' }, 'dedupeHeader is missing'],
  ...['{id}{body}', '{body}{id}', '{timestamp}{id}.{body}', '{id}{timestamp}.{body}'].map(
    (signed): [object, string] => [
      { signed, dedupeHeader: 'x-id', timestampHeader: 'x-time' },
      'signed must have text between {id} and its neighbour',
    ],
  ),
  [{ deathEvents: ['gone'] }, 'eventTypePointer is missing: "deathEvents" are types'],
  [{ toleranceSeconds: 0 }, 'toleranceSeconds must be a whole number'],
])('refuses an hmac with %p', (more, fault) => {
  expect(faultsOfWebhook(hmac)).toEqual([]);
  expect(faultsOfWebhook({ ...hmac, ...more })).toEqual([
    expect.stringContaining(`providers.acme.webhook.${fault}`),
  ]);
});

it.each([{ eventHeader: 'x-event' }, { eventTypePointer: '/type' }])(
  'takes the ends of grants of an hmac with %p',
  (more) => {
    expect(faultsOfWebhook({ ...hmac, deathEvents: ['gone'], ...more })).toEqual([]);
  },
);

const pubsub = {
  scheme: 'google-pubsub',
  audience: 'https://hooks.example',
  serviceAccount: 'push@project.iam.gserviceaccount.com',
};

it.each<[object, string]>([
  [{ audience: undefined }, 'audience is missing'],
  [{ audience: '' }, 'audience must be a text'],
  [{ serviceAccount: undefined }, 'serviceAccount is missing'],
  [{ serviceAccount: 'push' }, 'serviceAccount must be an email address'],
  [{ keysUrl: 'http://keys.example' }, 'keysUrl must begin with https://'],
  [{ keysUrl: 'https://{shop}/keys' }, 'keysUrl has {shop}'],
  [{ secrets: ['x'] }, 'secrets is unknown'],
])('refuses a google-pubsub with %p', (more, fault) => {
  expect(faultsOfWebhook(pubsub)).toEqual([]);
  expect(faultsOfWebhook({ ...pubsub, keysUrl: 'http://127.0.0.1:1/keys' })).toEqual([]);
  expect(faultsOfWebhook({ ...pubsub, ...more })).toEqual([
    expect.stringContaining(`providers.acme.webhook.${fault}`),
  ]);
});

it('takes all that can be declared for several events and their accounts', () => {
  expect(
    faultsOfWebhook({
      scheme: 'attio',
      secrets: [undefined, 's'],
      eventsPointer: '',
      accountPointer: ['/a/0', ''],
      accountHeader: ['x-shop'],
      eventTypePointer: '/type',
      successStatus: 200,
      retries: false,
    }),
  ).toEqual([]);
});

test('a proof of accounts can not be had from a host that is free to choose', () => {
  const provider = (pattern: RegExp) => ({
    oauth: {
      ...{ authorizationUrl: 'https://acme.example/a', tokenUrl: 'https://acme.example/t' },
      ...{ clientId: 'c', parameters: { host: pattern } },
      account: { url: 'https://{host}/me', pointer: '/id' },
    },
    webhook: {
      scheme: 'github',
      secrets: ['0123456789'],
      accountPointer: '/id',
      accountProof: 'oauth',
    },
  });
  expect(faultsOfProvider(provider(/[a-z]+\.acme\.example/))).toEqual([]);
  expect(faultsOfProvider(provider(/[a-z.]+/))).toEqual([
    expect.stringMatching(
      /^providers\.acme\.webhook\.accountProof can't be had: .* any host, such as \S+; end the pattern of "host" with/,
    ),
  ]);
});
