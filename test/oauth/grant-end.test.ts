import { type GrantEnd, grantEnd } from '../../src/oauth/grant-end';
import { refreshAt } from '../../src/oauth/refresh-schedule';

const now = new Date('2026-11-08T08:49:37Z');
const hour = 60 * 60_000;
const day = 24 * hour;
const later = (ms: number) => new Date(now.getTime() + ms);
const days = (count: number) => count * 24 * 60 * 60;

const exchanged = { at: now, consentedAt: now, before: null };
/** A refresh, an hour after the tokens before. */
const refreshed = (end: GrantEnd | null, consentedAt: Date | null = null) => ({
  ...{ at: now, consentedAt },
  before: { end, obtainedAt: later(-hour) },
});
const tokens = { refreshToken: 'the-refresh-token' };

describe('when a grant ends', () => {
  it.each<[string, Parameters<typeof grantEnd>, GrantEnd | null]>([
    ['nobody says', [{}, tokens, exchanged], null],
    [
      'the answer says',
      [
        { refreshExpiresInSeconds: days(1) },
        { ...tokens, refreshExpiresAt: later(9 * day) },
        exchanged,
      ],
      { at: later(9 * day), isFixed: false },
    ],
    [
      'the answer says that nothing moves it',
      [{}, { ...tokens, refreshExpiresAt: later(9 * day), refreshEndIsFixed: true }, exchanged],
      { at: later(9 * day), isFixed: true },
    ],
    [
      'the declaration says, since the last refresh',
      [
        { refreshExpiresInSeconds: days(30) },
        {},
        refreshed({ at: later(5 * day), isFixed: false }),
      ],
      { at: later(30 * day), isFixed: false },
    ],
    [
      'the consent ends, before a refresh token does',
      [
        { refreshExpiresInSeconds: days(30), consentExpiresInSeconds: days(90) },
        tokens,
        refreshed(null, later(-80 * day)),
      ],
      { at: later(10 * day), isFixed: true },
    ],
    [
      'the refresh token does, before the consent ends',
      [
        { refreshExpiresInSeconds: days(30), consentExpiresInSeconds: days(90) },
        tokens,
        refreshed(null, later(-day)),
      ],
      { at: later(30 * day), isFixed: false },
    ],
    [
      'there is no refresh token that could lapse',
      [{ refreshExpiresInSeconds: days(30), consentExpiresInSeconds: days(90) }, {}, exchanged],
      { at: later(90 * day), isFixed: true },
    ],
    [
      'nobody knows when the consent was',
      [{ consentExpiresInSeconds: days(90) }, tokens, { ...exchanged, consentedAt: null }],
      null,
    ],
    [
      'a refresh moves it by the time between',
      [
        {},
        { refreshExpiresAt: later(30 * day) },
        refreshed({ at: later(30 * day - hour), isFixed: false }),
      ],
      { at: later(30 * day), isFixed: false },
    ],
    [
      'a refresh leaves it where it was',
      [
        {},
        { refreshExpiresAt: later(5 * day + 2_000) },
        refreshed({ at: later(5 * day), isFixed: false }),
      ],
      { at: later(5 * day + 2_000), isFixed: true },
    ],
    [
      'a refresh moves what was thought to be fixed',
      [{}, { refreshExpiresAt: later(6 * day) }, refreshed({ at: later(5 * day), isFixed: true })],
      { at: later(6 * day), isFixed: false },
    ],
    [
      'a refresh says nothing, and leaves the refresh token',
      [{}, {}, refreshed({ at: later(5 * day), isFixed: false })],
      { at: later(5 * day), isFixed: true },
    ],
    [
      'a refresh says nothing, and replaces the refresh token',
      [{}, tokens, refreshed({ at: later(5 * day), isFixed: false })],
      null,
    ],
    [
      'a refresh says nothing of an end that was fixed',
      [{}, tokens, refreshed({ at: later(5 * day), isFixed: true })],
      { at: later(5 * day), isFixed: true },
    ],
    [
      'a refresh works after the end',
      [{}, {}, refreshed({ at: later(-day), isFixed: true })],
      null,
    ],
  ])('where %s', (_who, args, end) => {
    expect(grantEnd(...args)).toEqual(end);
  });

  it('is not judged by two refreshes in a row', () => {
    const at = later(5 * day);
    const before = { end: { at, isFixed: false }, obtainedAt: later(-2_000) };
    const answered = { at: now, consentedAt: null, before };
    expect(grantEnd({}, { refreshExpiresAt: at }, answered)).toEqual({ at, isFixed: false });
  });
});

describe('S39 a refresh token that lapses when it is not used is refreshed before', () => {
  const margins = (lifetimeMs: number, expiresAt?: Date) =>
    [0, 1].map((random) => {
      const end = { at: later(lifetimeMs), isFixed: false };
      return (
        later(lifetimeMs).getTime() - (refreshAt(now, expiresAt, random, end)?.getTime() ?? NaN)
      );
    });

  it('where the access token has no end', () => {
    expect(margins(30 * 60_000)).toEqual([3 * 60_000, 6 * 60_000]);
    expect(margins(10 * day)).toEqual([day, 2 * day]);
    expect(margins(100 * day)).toEqual([3 * day, 6 * day]);
  });

  it('where the access token lives longer', () => {
    expect(margins(10 * day, later(60 * day))).toEqual([day, 2 * day]);
  });

  it('and not before an access token that ends earlier, or an end that no refresh moves', () => {
    const end = { at: later(10 * day), isFixed: false };
    expect(refreshAt(now, later(hour), 0, end)).toEqual(refreshAt(now, later(hour), 0));
    expect(refreshAt(now, undefined, 0, { ...end, isFixed: true })).toBeUndefined();
  });
});
