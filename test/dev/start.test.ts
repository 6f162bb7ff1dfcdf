import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdfast, temporaryFolder, type Run } from '../support/processes/holdfast';
import { ownPorts } from './own-ports';
import { nothingLeft, processesOf } from './processes-of';

jest.setTimeout(120_000);

const folder = temporaryFolder();
const { dir } = folder;
const data = path.join(dir, '.holdfast');
let env: Record<string, string>;
let run: Run | undefined;

// A checkout in root's own folder: nobody else may pass through it, the user "postgres" neither.
beforeAll(async () => {
  chmodSync(dir, 0o700);
  env = { ...(await ownPorts()), SLACK_CLIENT_ID: 'id', SLACK_CLIENT_SECRET: 'not-so-secret' };
  writeFileSync(
    path.join(dir, 'holdfast.config.mjs'),
    "export default { providers: { acme: { webhook: { scheme: 'standard-webhooks' } } } };\n",
  );
});

afterEach(async () => {
  run?.child.kill('SIGKILL');
  await nothingLeft(dir);
});
afterAll(() => folder.remove());

async function ready(): Promise<Run> {
  run = holdfast(['start'], { cwd: dir, env });
  await run.says('] ready');
  return run;
}

function api(route: string, body?: object, method = 'POST'): Promise<Response> {
  const apiKey = readFileSync(path.join(data, 'api-key'), 'utf8').trim();
  return fetch(`http://127.0.0.1:${env['PORT'] ?? ''}${route}`, {
    method: body === undefined ? 'GET' : method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

let integrationId: string;

test('a first start makes everything, and SIGTERM ends all of it', async () => {
  const first = await ready();
  expect(first.output()).toContain('Temporal was new');
  expect(first.output()).toMatch(/\n {2}Command +\/\S*temporal\S* \(/);
  expect(first.output()).toMatch(/\n {2}Settings +\/\S+\/holdfast\.config\.mjs\n/);
  const inUi = `http://localhost:${env['HOLDFAST_TEMPORAL_UI_PORT'] ?? ''}/namespaces/default/workflows?query=`;
  for (const [name, query] of [
    ['broken ones', 'IntegrationStatus%3D%22ERROR%22%20AND%20ExecutionStatus%3D%22Running%22'],
    ["one user's", 'IntegrationUser%3D%22user-1%22%20AND%20ExecutionStatus%3D%22Running%22'],
  ] as const)
    expect(first.output()).toContain(`\n  ${name.padEnd(12)} ${inUi}${query}\n`);
  const port = env['PORT'] ?? '';
  expect(first.output()).toContain(
    `slack: redirects to http://localhost:${port}/oauth/slack/callback\n`,
  );
  expect(first.output()).toContain('acme: webhooks only\n');
  expect(readFileSync(path.join(data, '.gitignore'), 'utf8')).toBe('*\n');

  const passwords = ['postgres-password', 'postgres-run-password'];
  for (const name of ['api-key', 'keys', ...passwords, 'temporal.db', 'temporal.db-wal']) {
    expect([name, statSync(path.join(data, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
  for (const name of ['api-key', 'keys', ...passwords]) {
    expect(first.output()).not.toContain(readFileSync(path.join(data, name), 'utf8').trim());
  }

  const doctor = holdfast(['doctor'], { cwd: dir, env });
  expect([await doctor.ended, doctor.output()]).toEqual([0, expect.stringContaining('acme')]);
  expect(doctor.output()).toContain(
    `"holdfast_run" reads and writes rows, and can't change the schema`,
  );
  expect(doctor.output()).toMatch(/\n\nNothing is wrong: \d+ checks\.\n$/);

  const status = holdfast(['status'], { cwd: dir, env });
  const well = expect.stringMatching(
    /^All is well at .*\n\n {2}Integrations +0 ENABLED/,
  ) as unknown;
  expect([await status.ended, status.output()]).toEqual([0, well]);
  const through = ['temporal', 'operator', 'cluster', 'health'];
  const temporal = holdfast(through, { cwd: dir, env });
  expect([await temporal.ended, temporal.output()]).toEqual([0, 'SERVING\n']);

  const second = holdfast(['start'], { cwd: dir, env: { ...env, ...(await ownPorts()) } });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain('Another "npm start"');

  const destination = { url: 'http://127.0.0.1:9/' };
  const create = (provider: string) =>
    api('/v1/integrations', { userId: 'u', name: provider, provider, destination });
  const created = await create('acme');
  expect(created.status).toBe(201);
  expect((await create('slack')).status).toBe(201);
  integrationId = ((await created.json()) as { id: string }).id;

  // Its ports of Temporal are whatever was free, and none of them is a destination.
  const log = readFileSync(path.join(data, 'temporal.log'), 'utf8');
  const inner = [...log.matchAll(/(?:grpcPort|httpPort|listenAddress: .*): ?(\d+)$/gm)];
  const own = [...inner.map(([, port = '']) => port), env['HOLDFAST_TEMPORAL_UI_PORT']];
  for (const port of [...new Set(own), env['HOLDFAST_POSTGRES_PORT']].filter(
    (one) => one !== '0',
  )) {
    const url = `http://127.0.0.1:${port ?? ''}/`;
    const answer = await api(
      `/v1/integrations/${integrationId}`,
      { destination: { url } },
      'PATCH',
    );
    expect([url, answer.status]).toEqual([url, 400]);
  }
  expect(own.length).toBeGreaterThan(5);

  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(143);
  expect(processesOf(dir)).toEqual([]);

  const nobody = holdfast(['status', '--json'], { cwd: dir, env });
  const where = `http://localhost:${port}`;
  expect([await nobody.ended, nobody.output()]).toEqual([
    3,
    `holdfast: Nothing listens at ${where}; is \`npm start\` running?\n`,
  ]);
  const alone = holdfast(['doctor'], { cwd: dir, env });
  expect(await alone.ended).toBe(1);
  for (const name of ['HOLDFAST_TEMPORAL_PORT', 'HOLDFAST_POSTGRES_PORT', 'PORT']) {
    const text = `: Nothing listens at 127.0.0.1:${env[name] ?? ''}; is \`npm start\` running?\n`;
    expect(alone.output()).toContain(text);
  }
});

test('a second start goes on with the data of the first; Ctrl-C ends all of it', async () => {
  const again = await ready();
  expect(again.output()).not.toContain('Temporal was new');
  expect((await api(`/v1/integrations/${integrationId}`)).status).toBe(200);

  // The terminal tells the whole group, and npm tells its child once more.
  process.kill(-again.pid, 'SIGINT');
  again.child.kill('SIGINT');
  expect(await again.ended).toBe(130);
  expect(processesOf(dir)).toEqual([]);
});

test('nothing is left when it is killed, and the next start copes with what it left', async () => {
  const killed = await ready();
  killed.child.kill('SIGKILL');
  await killed.ended;
  const next = await ready();
  expect((await api(`/v1/integrations/${integrationId}`)).status).toBe(200);
  next.child.kill('SIGKILL');
  await nothingLeft(dir);
});

test.each([
  ['Postgres', 'bin/postgres -D'],
  ['Temporal', 'server start-dev'],
])('when %s is killed the rest is stopped, and it says what happened', async (name, command) => {
  const stack = await ready();
  const victim = processesOf(dir).find(
    (entry) => entry.command.includes(command) && !entry.command.includes('guard.mjs'),
  );
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  expect(await stack.ended).toBe(1);
  expect(stack.output()).toContain(`${name} ended unexpectedly`);
  expect(processesOf(dir)).toEqual([]);
});
