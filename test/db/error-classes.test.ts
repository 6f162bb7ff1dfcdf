import { isDatabaseUnavailable } from '../../src/db/error-classes';

test.each(['08006', '53100', '53200', '53300', '53400', '58000', '58030', '57P01', 'ECONNREFUSED'])(
  '%s says that the database is away or full',
  (code) => {
    expect(isDatabaseUnavailable(Object.assign(new Error('x'), { code }))).toBe(true);
  },
);

test.each(['23505', '22021', '42P01', '54000', '58', '53', 'ENOENT'])('%s does not', (code) => {
  expect(isDatabaseUnavailable(Object.assign(new Error('x'), { code }))).toBe(false);
});
