import { live } from './token-life/live';
import type { TroubleKind } from './token-life/troubles';

/** A minute of a life is three seconds: access tokens last two. An hour by hand, a part of it in every run. */
const minutes = Number(process.env['HOLDFAST_TEST_LIFE_MINUTES'] ?? 10);
const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1_000_000);
const lifeMs = minutes * 3_000;

const times = (count: number, kind: TroubleKind) => Array.from({ length: count }, () => kind);
const whole = minutes >= 60;
const people = whole ? 6 : 4;
/** Long stops first, so that their successors come while life goes on. */
const troubles: TroubleKind[] = whole
  ? [
      'kill at the answer',
      'long stop',
      ...times(3, 'kill at the answer'),
      'kill before the commit',
      'short stop',
      'kill',
      'long stop',
      ...times(3, 'kill before the commit'),
      'kill',
      'short stop',
      ...times(2, 'kill at the answer'),
      'long stop',
      'kill',
      ...times(2, 'kill before the commit'),
      'kill',
      'short stop',
      'kill at the answer',
    ]
  : [
      'kill at the answer',
      'long stop',
      'kill before the commit',
      'kill',
      'kill at the answer',
      'short stop',
    ];

test(`S31 S32 S36 a life with kills and stops: every invalid_grant follows a rotation that nobody heard of, and is rotation_lost (seed ${String(seed)})`, async () => {
  const life = await live({ lifeMs, people, troubles, seed });
  console.info(`${String(minutes)} minutes: ${JSON.stringify(life.report)}`);
  expect(life.verdict.violations).toEqual([]);
  expect(life.tally.wrong).toEqual([]);
  expect(life.unhandled).toBe(0);
  const lost = life.verdict.rotationsLost;
  expect(lost.map(({ token }) => token)).toEqual(
    expect.arrayContaining(life.struck.map(({ token }) => token)),
  );
  expect(life.deaths.sort()).toEqual(
    lost.map(({ account }) => `${String(account)}: rotation_lost`).sort(),
  );
  expect(life.struck.length).toBeGreaterThanOrEqual(whole ? 10 : 3);
  expect(life.report['stops']).toBeGreaterThanOrEqual(2);
}, 900_000);

test('S31 S32 a life without kills: each refresh token is shown once, and no caller is refused', async () => {
  const life = await live({ lifeMs: whole ? lifeMs : 10_000, people, troubles: [], seed });
  console.info(`calm: ${JSON.stringify(life.report)}`);
  expect(life.verdict).toEqual({ violations: [], rotationsLost: [] });
  expect(new Set(life.shown.map(({ token }) => token)).size).toBe(life.shown.length);
  expect(life.deaths).toEqual([]);
  expect(life.tally).toMatchObject({ unavailable: 0, dead: 0, wrong: [] });
  expect(life.unhandled).toBe(0);
  // Both workers have used tokens.
  expect(life.usesByWorker.filter((uses) => uses > 0)).toHaveLength(2);
}, 600_000);
