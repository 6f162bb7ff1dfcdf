import { reconnectDelay, retryAfterMs } from '../../../src/web/client/status-backoff';

describe('reconnectDelay', () => {
  it('doubles from half a second to half a minute', () => {
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 400].map((failures) =>
      reconnectDelay(failures, null, 1),
    );
    expect(delays).toEqual([500, 1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3]);
  });

  it('is spread, so that not everybody comes in the same moment', () => {
    expect(reconnectDelay(3, null, 0)).toBe(2_000);
    expect(reconnectDelay(3, null, 0.5)).toBe(3_000);
  });

  it('is no shorter than was asked for, give or take a tenth', () => {
    expect(reconnectDelay(0, 10_000, 0)).toBe(9_000);
    expect(reconnectDelay(0, 10_000, 1)).toBe(11_000);
    expect(reconnectDelay(6, 10_000, 1)).toBe(30_000);
  });

  it('does not wait for an hour because somebody asked for it', () => {
    expect(reconnectDelay(0, 3_600_000, 0.5)).toBe(60_000);
  });
});

describe('retryAfterMs', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');

  it.each([
    [null, null],
    ['5', 5_000],
    ['Sat, 21 Nov 2026 10:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['later', null],
    ['-5e', null],
  ])('reads %j as %j', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
