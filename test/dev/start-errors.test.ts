import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { openDataDir } from '../../src/dev/data-dir';
import { holdfast, temporaryFolder } from '../support/processes/holdfast';
import { ownPorts } from './own-ports';
import { nothingLeft } from './processes-of';

jest.setTimeout(60_000);

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
let folder: ReturnType<typeof temporaryFolder>;
let data: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = temporaryFolder();
  data = path.join(folder.dir, '.holdfast');
  env = await ownPorts();
});
afterEach(async () => {
  await nothingLeft(folder.dir);
  folder.remove();
});

async function refused(args: string[], more: Record<string, string> = {}) {
  const run = holdfast(args, { cwd: folder.dir, env: { ...env, ...more } });
  const code = await run.ended;
  return { code, output: run.output() };
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

test('taken ports are named with their variables, all at once', async () => {
  const [one, two] = await Promise.all([listen(), listen()]);
  try {
    const { code, output } = await refused(['start'], {
      PORT: String(one.port),
      HOLDFAST_TEMPORAL_UI_PORT: String(two.port),
    });
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`Port ${one.port} .*is taken.*set PORT `));
    expect(output).toMatch(new RegExp(`Port ${two.port} .*is taken.*HOLDFAST_TEMPORAL_UI_PORT`));
    expect(existsSync(path.join(data, 'postgres'))).toBe(false);
  } finally {
    one.server.close();
    two.server.close();
  }
});

test('one port in two settings is named', async () => {
  const { code, output } = await refused(['start'], {
    PORT: '45678',
    HOLDFAST_POSTGRES_PORT: '45678',
  });
  expect([code, output]).toEqual([1, expect.stringContaining('both PORT and HOLDFAST_POSTGRES')]);
});

test('a half-made data folder is named, left alone, and what to delete is said', async () => {
  mkdirSync(path.join(data, 'postgres/base'), { recursive: true });
  writeFileSync(path.join(data, 'postgres/PG_VERSION'), '18\n');
  writeFileSync(path.join(data, 'keys'), `k:${Buffer.alloc(32).toString('base64')}\n`);
  const { code, output } = await refused(['start']);
  expect([code, output]).toEqual([1, expect.stringContaining(`rm -rf ${data}/postgres`)]);
  expect(readdirSync(path.join(data, 'postgres'))).toEqual(['PG_VERSION', 'base']);
});

test('data of another Postgres is not touched', async () => {
  mkdirSync(path.join(data, 'postgres/global'), { recursive: true });
  writeFileSync(path.join(data, 'postgres/PG_VERSION'), '15\n');
  writeFileSync(path.join(data, 'postgres/global/pg_control'), '');
  writeFileSync(path.join(data, 'keys'), `k:${Buffer.alloc(32).toString('base64')}\n`);
  const { code, output } = await refused(['start']);
  expect([code, output]).toEqual([1, expect.stringContaining('made by Postgres 15')]);
});

test('sealed data without its keys is not opened with new ones', async () => {
  mkdirSync(path.join(data, 'postgres'), { recursive: true });
  const { code, output } = await refused(['start']);
  expect([code, output]).toEqual([1, expect.stringContaining(`${data}/keys is missing`)]);
  expect(existsSync(path.join(data, 'keys'))).toBe(false);
});

test('a data folder that may not be written to is named', () => {
  mkdirSync(data);
  chmodSync(data, 0o555);
  // Root may write anywhere.
  if (isRoot) process.seteuid?.(nobody);
  try {
    expect(() => openDataDir(data)).toThrow(`${data} can't be written to`);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test('a file where the data folder should be is named', async () => {
  writeFileSync(data, '');
  const { code, output } = await refused(['start']);
  expect([code, output]).toEqual([1, expect.stringContaining(`${data} can't be written to`)]);
});

const asRoot = isRoot ? test : test.skip;
asRoot('without setpriv, a folder that "postgres" may not pass through is named', async () => {
  chmodSync(folder.dir, 0o700);
  const bin = path.join(folder.dir, 'bin');
  mkdirSync(bin);
  symlinkSync(execFileSync('which', ['id'], { encoding: 'utf8' }).trim(), path.join(bin, 'id'));
  const { code, output } = await refused(['start'], { PATH: bin });
  expect([code, output]).toEqual([1, expect.stringContaining('chmod o+x ')]);
});

test('each wrong setting has its line, for every command', async () => {
  for (const command of ['start', 'gateway', 'worker', 'migrate', 'doctor']) {
    const { code, output } = await refused([command], { PORT: 'x', LOG_LEVEL: 'loud' });
    expect([command, code]).toEqual([command, 1]);
    expect(output).toMatch(/PORT: .*; allowed: 1 to 65535/);
    expect(output).toMatch(/LOG_LEVEL: .*; allowed: trace/);
  }
});

test('half a client of a built-in provider stops every process', async () => {
  for (const command of ['start', 'gateway', 'worker', 'doctor']) {
    const { code, output } = await refused([command], { GITHUB_CLIENT_SECRET: 'half-a-client' });
    expect([command, code]).toEqual([command, 1]);
    expect(output).toContain('GITHUB_CLIENT_ID: needed with GITHUB_CLIENT_SECRET; allowed: ');
    expect(output).not.toContain('half-a-client');
  }
});

test('the doctor names the built-in providers, and those that the file replaces', async () => {
  const without = (await refused(['doctor'])).output;
  expect(without).toContain('ok     Configuration file: there is none\n');
  expect(without).toContain('ok     Built-in providers: none\n');
  const file = path.join(folder.dir, 'holdfast.config.mjs');
  writeFileSync(
    file,
    "export default { providers: { slack: { webhook: { scheme: 'none' } } } };\n",
  );
  const { output } = await refused(['doctor'], {
    ...{ SLACK_CLIENT_ID: 'id', SLACK_CLIENT_SECRET: 'not-so-secret' },
    ...{ STRIPE_CLIENT_ID: 'id', STRIPE_CLIENT_SECRET: 'not-so-secret' },
    GITHUB_WEBHOOK_SECRET: 'not-so-secret',
  });
  expect(output).toContain(`ok     Configuration file ${file}: providers slack; handlers none\n`);
  expect(output).toContain(
    'ok     Built-in providers: github (webhooks only), ' +
      'slack (replaced by the configuration file), stripe\n',
  );
  expect(output).not.toContain('not-so-secret');
  expect(output).toMatch(
    /\n\n\d+ things wrong of \d+ checks, \d+ warnings?: see the lines .*\.\n$/,
  );
  const json = await refused(['doctor', '--json']);
  const found = JSON.parse(json.output) as { findings: { state: string }[] };
  expect([json.code, found]).toEqual([
    1,
    {
      ...{ well: false, checks: found.findings.length, warnings: expect.any(Number) as number },
      wrong: found.findings.filter(({ state }) => state === 'wrong').length,
      findings: expect.arrayContaining([
        { state: 'ok', text: `Node ${process.version}` },
        { state: 'ok', text: `Configuration file ${file}: providers slack; handlers none` },
      ]) as unknown,
    },
  ]);
});

test.each([
  ['gateway', ['DATABASE_URL', 'HOLDFAST_KEYS', 'HOLDFAST_API_KEYS']],
  ['worker', ['DATABASE_URL', 'HOLDFAST_KEYS']],
  ['migrate', ['DATABASE_URL']],
])('%s on its own says which settings it lacks', async (command, names) => {
  const { code, output } = await refused([command]);
  expect(code).toBe(1);
  const lines = output.split('\n').filter((line) => line.includes(': is not set; allowed: '));
  expect(lines.map((line) => line.split(':')[0])).toEqual(names);
});

test('a misspelt setting is named with the one that is meant, also where that one is missing', async () => {
  const misspelt = { HOLDFAST_KEY: 'not-so-secret', HOLDFAST_SWEEP_SECOND: '' };
  for (const command of ['gateway', 'worker', 'migrate']) {
    const { code, output } = await refused([command], misspelt);
    expect([command, code]).toEqual([command, 1]);
    const lines = output.split('\n').filter((line) => line.includes('settings.unknown_variable'));
    expect(lines).toEqual([expect.stringMatching(/"warn".*"HOLDFAST_KEY".*"HOLDFAST_KEYS"/)]);
    expect(output).not.toContain('not-so-secret');
  }
  const { output } = await refused(['doctor'], { ...misspelt, PORT: 'x' });
  expect(output).toContain(
    'warn   HOLDFAST_KEY: not known, and ignored; did you mean HOLDFAST_KEYS?\n',
  );
  expect(output).toContain('wrong  PORT: ');
  const config = { HOLDFAST_CONFIG: 'other.mjs' };
  expect((await refused(['start'], { ...misspelt, ...config })).output).toMatch(
    /settings\.unknown_variable.*"HOLDFAST_KEYS"/,
  );
});

test.each([
  ['export default {', "can't be loaded"],
  ["throw new Error('no such tenant');", "can't be loaded: no such tenant"],
  ["import 'no-such-package';", 'no-such-package'],
  ['export const providers = {};', 'must export an object'],
  ['export default { providers: { acme: { webhook: { scheme: "odd" } } } };', 'acme'],
])('a configuration file that can not be used stops the start: %s', async (content, said) => {
  writeFileSync(path.join(folder.dir, 'holdfast.config.mjs'), content);
  const { code, output } = await refused(['start']);
  expect([code, output]).toEqual([1, expect.stringContaining(said)]);
  expect(existsSync(data)).toBe(false);
});

test('a configuration file that is named but missing is an error', async () => {
  const { code, output } = await refused(['start'], { HOLDFAST_CONFIG: 'other.mjs' });
  expect([code, output]).toEqual([1, expect.stringContaining('HOLDFAST_CONFIG: there is no file')]);
});

test('settings are read from .env, and the environment goes first', async () => {
  writeFileSync(path.join(folder.dir, '.env'), 'LOG_LEVEL=loud\nHOLDFAST_SWEEP_SECONDS=0\n');
  const { output } = await refused(['migrate'], { LOG_LEVEL: 'info' });
  expect(output).toContain('HOLDFAST_SWEEP_SECONDS: 0 is out of range');
  expect(output).not.toContain('LOG_LEVEL');
});

test.each([
  [[], 'Usage: holdfast <command>'],
  [['strat'], 'unknown command "strat". Did you mean "start"?'],
  [['start', 'now'], 'unexpected argument: now\n\nUsage: holdfast start'],
  [['doctor', '--jsno'], 'unknown option "--jsno". Did you mean "--json"?'],
])(
  'the command line %j is answered with what is wrong, its usage and exit code 2',
  async (args, said) => {
    const { code, output } = await refused(args);
    expect([code, output]).toEqual([2, expect.stringContaining(said)]);
  },
);

test('the version and the help are had without any setting', async () => {
  const wrong = { PORT: 'x' };
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await refused(['--version'], wrong)).toEqual({ code: 0, output: `${version}\n` });
  for (const args of [
    ['help', 'doctor'],
    ['doctor', '--help'],
  ]) {
    const { code, output } = await refused(args, wrong);
    expect([code, output]).toEqual([0, expect.stringContaining('Usage: holdfast doctor [--json]')]);
  }
});
