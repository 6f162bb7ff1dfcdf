import { faultsOf, faultsOfProvider } from '../faults';

const oauth = {
  authorizationUrl: 'https://acme.example/authorize',
  tokenUrl: 'https://acme.example/token',
  clientId: 'c',
};
const hmac = { scheme: 'hmac', header: 'x-s', algorithm: 'sha256', encoding: 'hex' };
const probe = { url: 'https://acme.example/me', everySeconds: 60 };
const revocation = { method: 'POST', authentication: 'access_token' };
const revocationUrl = 'https://acme.example/revoke';

it.each<[string, object, string]>([
  ['of a provider', { oauth, webhooks: {} }, 'webhooks is unknown; did you mean webhook?'],
  [
    'of OAuth',
    { oauth: { ...oauth, tokenURL: 'https://acme.example/token' } },
    'oauth.tokenURL is unknown; did you mean tokenUrl?',
  ],
  [
    'of an account by its address',
    { oauth: { ...oauth, account: { url: probe.url, pointer: '/id', labelpointer: '/name' } } },
    'oauth.account.labelpointer is unknown; did you mean labelPointer?',
  ],
  [
    'that says where the account comes from',
    { oauth: { ...oauth, account: { idTokenClaims: 'sub' } } },
    'oauth.account.idTokenClaims is unknown; did you mean idTokenClaim?',
  ],
  [
    'of a revocation',
    { oauth: { ...oauth, revocationUrl, revocation: { ...revocation, formt: 'json' } } },
    'oauth.revocation.formt is unknown; did you mean format?',
  ],
  [
    'of a probe',
    { oauth, probe: { ...probe, everySecond: 5 } },
    'probe.everySecond is unknown; did you mean everySeconds?',
  ],
  [
    'of a rule for refusals',
    { oauth, refreshErrors: [{ status: 403, mean: 'dead', means: 'dead' }] },
    'refreshErrors[0].mean is unknown; did you mean means?',
  ],
  [
    'of a webhook',
    { webhook: { scheme: 'stripe', acountPointer: '/account' } },
    'webhook.acountPointer is unknown; did you mean accountPointer?',
  ],
  [
    'of the scheme hmac',
    { webhook: { ...hmac, toleranceSecs: 300 } },
    'webhook.toleranceSecs is unknown; did you mean toleranceSeconds?',
  ],
  [
    'of the scheme google-pubsub',
    { webhook: { scheme: 'google-pubsub', audience: 'a', serviceAccount: 'a@b', keyUrl: 'x' } },
    'webhook.keyUrl is unknown; did you mean keysUrl?',
  ],
  [
    'that stands for the scheme',
    { webhook: { shceme: 'stripe' } },
    'webhook.shceme is unknown; did you mean scheme?',
  ],
  [
    'that stands for the name of a scheme',
    { webhook: { scheme: 'standard-webhook' } },
    'webhook.scheme must be one of standard-webhooks, github, stripe, slack, shopify, hubspot, attio, google-pubsub, hmac, none; did you mean standard-webhooks?',
  ],
  [
    'of a dedupe',
    { webhook: { ...hmac, dedupe: { pointer: ['/id'], pointers: ['/id'] } } },
    'webhook.dedupe.pointer is unknown; did you mean pointers?',
  ],
])('the nearest known name is said for one %s', (_what, declaration, fault) => {
  expect(faultsOfProvider(declaration)).toContain(`providers.acme.${fault}`);
});

it('the nearest known name is said for one of the configuration', () => {
  expect(faultsOf({ provders: {} })).toEqual(['provders is unknown; did you mean providers?']);
});

it('where none is near, all are', () => {
  expect(faultsOf({ colour: 'red' })).toEqual(['colour is unknown; known are providers, handlers']);
  expect(faultsOfProvider({ oauth: { ...oauth, account: { colour: '/id' } } })).toEqual([
    'providers.acme.oauth.account.colour is unknown; known are url, pointer, labelPointer, idTokenClaim, tokenResponsePointer, parameter',
    'providers.acme.oauth.account must have one of url, idTokenClaim, tokenResponsePointer, parameter',
  ]);
});
