import { explainLocalTemporal } from '../../src/dev/local-stack';
import { NamespaceTakenError } from '../../src/temporal/namespace-owner';

const paths = { postgres: '/data/postgres', temporalDb: '/data/temporal.db' };
const taken = new NamespaceTakenError(['the namespace is taken', 'temporal workflow terminate']);

test('npm start, which ends its own Temporal with it, names the file to delete and no commands', () => {
  const own = explainLocalTemporal(taken, { temporalBinary: '/bin/temporal' }, paths);
  expect(own).toBeInstanceOf(NamespaceTakenError);
  expect(own.message).toMatch(/^the namespace is taken\n.*delete \/data\/temporal\.db\*/);
  expect(own.message).not.toContain('terminate');
});

test("another server's commands stay, and so does any other error", () => {
  expect(explainLocalTemporal(taken, { temporalBinary: undefined }, paths)).toBe(taken);
  const other = new Error('other');
  expect(explainLocalTemporal(other, { temporalBinary: '/bin/temporal' }, paths)).toBe(other);
});
