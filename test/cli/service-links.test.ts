import { holdfast, temporaryFolder } from '../support/processes/holdfast';

const folder = temporaryFolder();
afterAll(() => folder.remove());

test("what Kubernetes makes of a Service called holdfast-postgres doesn't stop a start, and is nothing to warn of", async () => {
  const env = {
    HOLDFAST_POSTGRES_SERVICE_HOST: '10.0.0.1',
    HOLDFAST_POSTGRES_SERVICE_PORT: '5432',
    HOLDFAST_POSTGRES_PORT: 'tcp://10.0.0.1:5432',
    HOLDFAST_POSTGRES_PORT_5432_TCP: 'tcp://10.0.0.1:5432',
    HOLDFAST_POSTGRES_PORT_5432_TCP_ADDR: '10.0.0.1',
    // A misspelt setting.
    HOLDFAST_SWEEP_SECOND: '5',
  };
  const run = holdfast(['gateway'], { cwd: folder.dir, env });
  expect(await run.ended).not.toBe(0);
  expect(run.output()).toContain('HOLDFAST_SWEEP_SECOND');
  expect(run.output()).toContain('DATABASE_URL');
  expect(run.output()).not.toContain('HOLDFAST_POSTGRES');
}, 60_000);
