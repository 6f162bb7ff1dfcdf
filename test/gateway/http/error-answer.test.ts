import { EnvelopeError } from '../../../src/crypto/envelope';
import { HoldfastError } from '../../../src/lib/errors';
import { errorAnswer } from '../../../src/gateway/http/error-answer';

const titled = (error: unknown) =>
  [
    error instanceof Error
      ? `${error.name} ${'code' in error ? String(error.code) : error.message}`
      : String(error),
    error,
  ] as const;
const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test.each(
  [
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE'].map((code) =>
      withCode(code),
    ),
    ...['57P01', '57P02', '57P03', '08000', '08006', '53300', '57014'].map((code) =>
      withCode(code),
    ),
    new Error('timeout exceeded when trying to connect'),
    new Error('Query read timeout'),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('Client has encountered a connection error and is not queryable'),
  ].map(titled),
)('%s is 503 with Retry-After', (_title, error) => {
  expect(errorAnswer(error)).toMatchObject({
    ...{ status: 503, code: 'database_unavailable', retryAfterSeconds: 2 },
  });
});

test.each(
  [
    withCode('23505', 'Key (user_id)=(secret) already exists'),
    withCode('22021', 'invalid byte sequence: secret'),
    new TypeError('secret is undefined'),
    'secret',
    null,
    Object.assign(new Error('secret'), { statusCode: 500 }),
  ].map(titled),
)('%s is 500, and nothing of it gets out', (_title, error) => {
  const answer = errorAnswer(error);
  expect(answer).toMatchObject({ status: 500, code: 'internal' });
  expect(JSON.stringify(answer)).not.toContain('secret');
});

test('an error of our own keeps its code, its sentence and its status, and not its cause', () => {
  const error = new HoldfastError('credential_dead', 'Reconnect.', {
    ...{ status: 424, retryAfterSeconds: 9, cause: new Error('secret') },
  });
  expect(errorAnswer(error)).toEqual({
    ...{ status: 424, code: 'credential_dead', message: 'Reconnect.', retryAfterSeconds: 9 },
  });
});

test('a request that its client broke off in the middle of the body is not the database', () => {
  const aborted = Object.assign(new Error('aborted'), { code: 'ECONNRESET', statusCode: 400 });
  expect(errorAnswer(aborted)).toMatchObject({ status: 400, code: 'invalid_request' });
});

test('a value that no key of this process opens is 503 for a while, and its key is not named', () => {
  const answer = errorAnswer(new EnvelopeError('unknown_key', 'sealed with "k9"'));
  expect(answer).toMatchObject({ status: 503, code: 'sealing_key_unavailable' });
  expect(answer.retryAfterSeconds).toBeGreaterThan(0);
  expect(JSON.stringify(answer)).not.toContain('k9');
});
