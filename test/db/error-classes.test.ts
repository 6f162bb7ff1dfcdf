import { DatabaseError } from 'pg';
import { isDatabaseUnavailable, isRefusedForGood } from '../../src/db/error-classes';

test.each([
  ...['08006', '53100', '53200', '53300', '53400', '58000', '58030', '57P01', 'ECONNREFUSED'],
  ...['28000', '28P01', '3D000', '42501'],
])('%s says that the database is away, full, or lets us not in', (code) => {
  expect(isDatabaseUnavailable(Object.assign(new Error('x'), { code }))).toBe(true);
});

test.each(['23505', '22021', '42P01', '54000', '58', '53', 'ENOENT'])('%s does not', (code) => {
  expect(isDatabaseUnavailable(Object.assign(new Error('x'), { code }))).toBe(false);
});

test.each([
  ['42P01', true],
  ['23505', true],
  ['42501', false],
  ['28P01', false],
])('%s is refused for good: %s', (code, isForGood) => {
  const error = Object.assign(new DatabaseError('x', 1, 'error'), { code });
  expect(isRefusedForGood(error)).toBe(isForGood);
});
