import {
  isHeldGoodEnough,
  leftMs,
  needsRenewal,
  usableToken,
} from '../../src/credentials/decide-token';

const now = Date.parse('2026-11-29T12:00:00Z');
const sealedAccessToken = Buffer.from('sealed');
const alive = { state: 'alive' as const, sealedAccessToken, expiresAt: null, refreshDue: false };
const endsIn = (ms: number) => ({ ...alive, expiresAt: new Date(now + ms) });

test.each([
  ['alive', sealedAccessToken],
  ['degraded', sealedAccessToken],
  ['dead', null],
  ['missing', null],
] as const)('of a credential that is %s there is a usable token, or none', (state, usable) => {
  expect(usableToken({ ...alive, state })).toBe(usable);
  expect(usableToken({ ...alive, state, sealedAccessToken: null })).toBeNull();
});

test('a token lasts until its end, by the clock; one without an end lasts for ever', () => {
  expect(leftMs(endsIn(1_000), now)).toBe(1_000);
  expect(leftMs(endsIn(-1), now)).toBe(-1);
  expect(leftMs(alive, now)).toBe(Infinity);
});

test.each([
  ['one that nobody knows the end of', alive, false],
  ['one that lasts longer than its user needs', endsIn(5_001), false],
  ['one that ends just then', endsIn(5_000), true],
  ['one that has ended', endsIn(-1), true],
  [
    'one whose time for a refresh has come, however long it lasts',
    { ...alive, refreshDue: true },
    true,
  ],
])('%s is renewed first, or is not', (_what, token, isRenewed) => {
  expect(needsRenewal(token, 5_000, now)).toBe(isRenewed);
});

test('a token that lives is renewed only once it has ended, where its user takes it until then', () => {
  expect(needsRenewal(endsIn(1), 0, now)).toBe(false);
  expect(needsRenewal(endsIn(0), 0, now)).toBe(true);
});

test.each([
  ['nobody knows yet', undefined, true],
  ['none could be had', { kind: 'unavailable' as const }, true],
  ['there is a newer one', { kind: 'alive' as const }, false],
  ['the grant is dead', { kind: 'dead' as const }, false],
])(
  'what is held serves while it lives, unless there is better or it is dead: %s',
  (_why, renewal, serves) => {
    expect(isHeldGoodEnough(renewal, 1)).toBe(serves);
    expect(isHeldGoodEnough(renewal, 0)).toBe(false);
  },
);
