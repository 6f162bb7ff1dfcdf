import { faultsOfProvider } from './faults';

const faultsOfWebhook = (webhook: unknown) => faultsOfProvider({ webhook });

it.each<[unknown, string]>([
  [{ scheme: 'carrier-pigeon' }, 'scheme must be one of standard-webhooks, github, hmac, none'],
  [{ scheme: 'constructor' }, 'scheme must be one of'],
  [{}, 'scheme must be one of'],
  [{ scheme: 'github', header: 'x' }, 'header is unknown; known are scheme, secrets'],
  [{ scheme: 'github', secrets: 'x' }, 'secrets must be a list'],
  [{ scheme: 'github', secrets: [''] }, 'secrets[0] must be a text'],
  [
    { scheme: 'github', successStatus: 302 },
    'successStatus must be a whole number from 200 to 299',
  ],
  [{ scheme: 'github', retries: 'no' }, 'retries must be true or false'],
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
  [{ toleranceSeconds: 0 }, 'toleranceSeconds must be a whole number'],
])('refuses an hmac with %p', (more, fault) => {
  expect(faultsOfWebhook(hmac)).toEqual([]);
  expect(faultsOfWebhook({ ...hmac, ...more })).toEqual([
    expect.stringContaining(`providers.acme.webhook.${fault}`),
  ]);
});
