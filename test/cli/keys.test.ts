import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CommandError, exitCodes } from '../../src/cli/command';
import { endOf, tableOf } from '../../src/cli/key-requests';
import { markProxy } from '../support/recorder/server-roles';
import { apiKey, type GatewayFixture, gatewayFixture } from '../gateway/gateway-fixture';

const command = path.resolve(__dirname, '../../dist/src/cli.js');
let gateway: GatewayFixture;
let url: string;
beforeAll(async () => {
  gateway = await gatewayFixture();
  url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => gateway.close());

/** The command, whose output goes to a file: a key is meant to be in it, and in no other. */
async function holdfast(words: string[], env: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-keys-'));
  const [stdout, stderr] = ['stdout', 'stderr'].map((name) => path.join(folder, name)) as [
    string,
    string,
  ];
  const [out, err] = [openSync(stdout, 'w'), openSync(stderr, 'w')];
  const child = spawn(process.execPath, [command, 'keys', ...words], {
    cwd: '/',
    env: { HOLDFAST_URL: url, HOLDFAST_API_KEY: apiKey, ...env },
    stdio: ['ignore', out, err],
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const descriptor of [out, err]) closeSync(descriptor);
  const read = { stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8') };
  rmSync(folder, { recursive: true });
  return { code, ...read };
}

test('a key is made, alone on stdout; it answers, is listed, and is revoked', async () => {
  const made = await holdfast([
    'create',
    '--name',
    'nightly',
    '--scope',
    'read, tokens',
    '--expires',
    '90d',
  ]);
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^hfk_[\w-]{43}\n$/);
  expect(made.stderr).toMatch(/only time.*\n.*for: read, tokens\..*keys revoke key_\w+\n$/s);
  const headers = { authorization: `Bearer ${made.stdout.trim()}` };
  const ask = () => gateway.call('GET', '/v1/integrations', undefined, headers);
  expect((await ask()).status).toBe(200);

  const listed = await holdfast(['list']);
  const { items } = JSON.parse(listed.stdout) as { items: { id: string; expiresAt: string }[] };
  expect(items).toMatchObject([{ name: 'nightly', scopes: ['read', 'tokens'] }]);
  const { id, expiresAt } = items[0] ?? { id: '', expiresAt: '' };
  const days = (Date.parse(expiresAt) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);

  // A key that may read makes no others.
  const refused = await holdfast(['list'], { HOLDFAST_API_KEY: made.stdout.trim() });
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('"admin"')]);

  expect(await holdfast(['revoke', id])).toMatchObject({ code: 0, stdout: '' });
  expect((await ask()).status).toBe(401);
  const again = await holdfast(['revoke', id]);
  expect([again.code, again.stderr]).toEqual([1, 'holdfast: There is no API key with this id.\n']);
});

test('whoever answers in its place does nothing to the terminal', async () => {
  const server = createServer((_request, response) => {
    const evil = (text: string) => `${text}\u001b[2J`;
    const made = { id: evil('key_1'), key: evil('hfk_'), name: 'x', scopes: [evil('read')] };
    const times = { createdAt: 'x', expiresAt: evil('2027'), lastUsedAt: null };
    response.writeHead(201).end(JSON.stringify({ ...made, ...times }));
  });
  // It stands for a gateway: keys are sent to it.
  markProxy(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const create = ['create', '--name', 'x', '--scope', 'read'];
    const { code, stdout, stderr } = await holdfast(create, { HOLDFAST_URL: at });
    expect([code, stdout]).toEqual([0, 'hfk_\\u001b[2J\n']);
    expect(stderr).toMatch(/until 2027\\u001b.*read\\u001b.*key_1\\u001b/);
    expect(stderr).not.toContain('\u001b');
  } finally {
    server.close();
  }
});

test('what is typed wrongly is said without asking anybody', async () => {
  const nowhere = { HOLDFAST_URL: 'http://127.0.0.1:1' };
  const name = ['create', '--name', 'x', '--scope'];
  expect(await holdfast([...name, 'reed'], nowhere)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no scope "reed".*"read"/) as string,
  });
  expect((await holdfast([...name, 'read', '--expires', 'soon'], nowhere)).code).toBe(2);
  expect((await holdfast(['create', '--scope', 'read'], nowhere)).code).toBe(2);
  expect((await holdfast(['revoke'], nowhere)).code).toBe(2);
  expect((await holdfast(['list'], nowhere)).code).toBe(3);
});

const now = Date.parse('2026-11-30T12:00:00Z');
test.each([
  ['90d', '2027-02-28T12:00:00.000Z'],
  ['12h', '2026-12-01T00:00:00.000Z'],
  ['30m', '2026-11-30T12:30:00.000Z'],
  ['2027-01-01T00:00:00+01:00', '2026-12-31T23:00:00.000Z'],
])('--expires %s is %s', (text, end) => expect(endOf(text, now)).toBe(end));

test.each(['0d', '2020-01-01T00:00:00Z', '2027-01-01', 'never', '1y', ''])(
  '--expires %s is refused',
  (text) => {
    let thrown: CommandError | undefined;
    try {
      endOf(text, now);
    } catch (error) {
      thrown = error as CommandError;
    }
    expect(thrown).toMatchObject({ name: 'CommandError', exitCode: exitCodes.usage });
  },
);

test('on a terminal it is a table, in which a name does nothing to the terminal', () => {
  const key = { id: 'key_1', name: 'a\u001b[2Jb', scopes: ['read', 'manage'], createdAt: 'x' };
  const ends = { expiresAt: '2026-01-02T03:04:05.000Z', lastUsedAt: null };
  expect(tableOf([{ ...key, ...ends }], new Date(now))).toBe(
    'ID     NAME         SCOPES       EXPIRES                          LAST USED\n' +
      'key_1  a\\u001b[2Jb  read,manage  2026-01-02T03:04:05.000Z (over)  never\n',
  );
  expect(tableOf([], new Date(now))).toMatch(/no keys/);
});
