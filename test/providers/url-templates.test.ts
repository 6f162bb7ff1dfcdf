import { apiOrigins } from '../../src/providers/api-origins';
import { fillAddress } from '../../src/providers/url-templates';
import type { OAuthDeclaration, ProviderDeclaration } from '../../src/providers/provider';

const address = 'https://{shop}/admin/{version}';

function fill(shop: string, pattern: RegExp): string {
  return fillAddress(address, { shop: pattern, version: /v\d/ }, { shop, version: 'v1' });
}

it('fills in what matches', () => {
  expect(fill('mine.example', /^[a-z]+\.example$/)).toBe('https://mine.example/admin/v1');
});

it.each([
  ['mine.example.evil', /mine\.example/],
  ['evil-mine.example', /mine\.example$/],
  ['mine.example', /^other|mine/],
  ['mine.example\nevil', /^mine\.example$/m],
  ['mine.example', /^mine\.example/y, 'fine'],
  ['mine.example', /mine\.example/g, 'fine'],
])('anchors %p to %p, whatever the pattern forgot', (shop, pattern, fine = '') => {
  for (let time = 0; time < 2; time += 1) {
    if (fine === '') expect(() => fill(shop, pattern)).toThrow('"shop" has an unknown form');
    else expect(fill(shop, pattern)).toContain(shop);
  }
});

it.each([
  'evil.example/x',
  'a@evil.example',
  'evil.example?',
  'evil.example#',
  'a:80',
  '..',
  '%2e',
  'é',
  '',
])('lets %p into no address, even where the pattern would', (shop) =>
  expect(() => fill(shop, /.*/s)).toThrow('"shop" has an unknown form'),
);

it('names what is missing, and takes nothing that is inherited', () => {
  expect(() => fillAddress(address, { shop: /x/, version: /x/ }, { shop: 'x' })).toThrow(
    '"version"',
  );
  expect(() => fillAddress('https://{toString}/', {}, {})).toThrow('"toString"');
});

describe('the origins that a token may be sent to', () => {
  const provider = (oauth: Partial<OAuthDeclaration>): ProviderDeclaration => ({
    oauth: {
      clientId: 'c',
      authorizationUrl: 'https://login.acme.example/authorize',
      tokenUrl: 'https://acme.example/token',
      ...oauth,
    },
    probe: { url: 'https://api.acme.example/me', everySeconds: 60 },
  });

  it('are those of the addresses, once each', () => {
    const more = {
      revocationUrl: 'https://acme.example/revoke',
      account: { url: 'https://people.acme.example/me', pointer: '/id' },
    };
    expect(apiOrigins(provider(more)).sort()).toEqual([
      'https://acme.example',
      'https://api.acme.example',
      'https://login.acme.example',
      'https://people.acme.example',
    ]);
  });

  it('are the declared ones and no others, where there are any', () => {
    const apis = {
      apiOrigins: ['https://{shop}', 'https://api.example:8443/'],
      parameters: { shop: /[a-z.]+/ },
    };
    expect(apiOrigins(provider(apis), { shop: 'mine.example' })).toEqual([
      'https://mine.example',
      'https://api.example:8443',
    ]);
    expect(apiOrigins(provider({ apiOrigins: [] }))).toEqual([]);
    expect(() => apiOrigins(provider(apis))).toThrow('"shop" is missing');
  });
});
