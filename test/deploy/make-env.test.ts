import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parseConfig } from '../../src/config';
import { requireSettings } from '../../src/config/required';
import { type ComposeFile, interpolate, readComposeFile, root } from './compose-file';

const compose = readComposeFile() as ComposeFile;
const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-env-'));
const at = (name: string) => path.join(directory, name);
/** @returns what it said */
const makeEnv = (env = '.env', secrets = 'secrets') =>
  execFileSync('sh', [path.join(root, 'deploy/make-env.sh'), at(env), at(secrets)], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
const secret = (name: string, folder = 'secrets') =>
  readFileSync(at(`${folder}/${name}`), 'utf8').trim();

let said: string;
beforeAll(() => (said = makeEnv()));
afterAll(() => rmSync(directory, { recursive: true }));

/** Its environment, with the files of its secrets where they lie here. */
function settingsOf(service: string): Record<string, string> {
  const env = parseEnv(readFileSync(at('.env'), 'utf8'));
  const { environment = {} } = compose.services[service] ?? {};
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      interpolate(value, env).replace(/^\/run\/secrets\//, at('secrets/')),
    ]),
  );
}

describe('deploy/make-env.sh', () => {
  it('makes every secret that the Compose file names', () => {
    const made = readdirSync(at('secrets')).filter((name) => name !== 'further');
    expect(made.sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const name of made) expect(said).toContain(name);
  });

  it('gives gateway, worker and migrate every setting that they ask for', () => {
    const gateway = parseConfig(settingsOf('gateway'));
    requireSettings(gateway, ['DATABASE_URL', 'HOLDFAST_KEYS', 'HOLDFAST_API_KEYS']);
    expect(gateway).toMatchObject({ temporalAddress: 'temporal:7233' });
    expect(gateway.apiKeys).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    const worker = parseConfig(settingsOf('worker'));
    requireSettings(worker, ['DATABASE_URL', 'HOLDFAST_KEYS']);
    const owner = parseConfig(settingsOf('migrate'));
    // What runs is another role, and never sees the owner's password.
    expect(owner.databaseUrl).toBe(gateway.databaseUrl);
    expect(worker.databaseUrl).toBe(gateway.databaseUrl);
    expect(new URL(owner.databaseUrl ?? '').username).toBe('holdfast_run');
    expect(new URL(owner.migrateDatabaseUrl ?? '').username).toBe('holdfast_owner');
    expect([gateway.migrateDatabaseUrl, worker.migrateDatabaseUrl]).toEqual([undefined, undefined]);
  });

  it('has a password of its own for each', () => {
    const passwords = [
      ...['holdfast_database_url', 'holdfast_migrate_database_url'].map(
        (name) => new URL(secret(name)).password,
      ),
      ...['holdfast_postgres_password', 'temporal_postgres_password'].map((name) => secret(name)),
    ];
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{48}$/);
    expect(new Set(passwords).size).toBe(4);
  });

  it('lets containers read what nobody else on this machine gets through to', () => {
    expect(statSync(at('secrets')).mode & 0o777).toBe(0o700);
    expect(statSync(at('.env')).mode & 0o777).toBe(0o600);
    for (const name of Object.keys(compose.secrets)) {
      expect(statSync(at(`secrets/${name}`)).mode & 0o777).toBe(0o444);
    }
    expect(statSync(at('secrets/further')).mode & 0o777).toBe(0o755);
  });

  it('makes what is missing, and nothing anew', () => {
    const all = () => Object.keys(compose.secrets).map((name) => secret(name));
    const before = [readFileSync(at('.env'), 'utf8'), ...all()];
    rmSync(at('secrets/holdfast_postgres_password'));
    expect(makeEnv().match(/^made /gm)).toHaveLength(1);
    const after = [readFileSync(at('.env'), 'utf8'), ...all()];
    expect(after.filter((one) => !before.includes(one))).toEqual([
      secret('holdfast_postgres_password'),
    ]);
    expect(makeEnv()).toBe('');
  });

  it('moves the secrets of an earlier version’s .env, and says what becomes of its superuser', () => {
    writeFileSync(
      at('earlier.env'),
      `# As the application's bearer.
HOLDFAST_API_KEYS=one,two
HOLDFAST_KEYS="k1:c2VhbGluZw=="
HOLDFAST_PUBLIC_URL=https://hooks.example.com
HOLDFAST_POSTGRES_PASSWORD=of-the-superuser
TEMPORAL_POSTGRES_PASSWORD='of-temporal'
HOLDFAST_CONFIG_DIR=./mine
`,
    );
    const told = makeEnv('earlier.env', 'earlier');
    expect(parseEnv(readFileSync(at('earlier.env'), 'utf8'))).toEqual({
      HOLDFAST_PUBLIC_URL: 'https://hooks.example.com',
      HOLDFAST_CONFIG_DIR: './mine',
    });
    expect(secret('holdfast_api_keys', 'earlier')).toBe('one,two');
    expect(secret('holdfast_keys', 'earlier')).toBe('k1:c2VhbGluZw==');
    expect(secret('temporal_postgres_password', 'earlier')).toBe('of-temporal');
    // Another password than the one that has been in the environment of containers.
    for (const name of ['holdfast_migrate_database_url', 'holdfast_postgres_password']) {
      expect(secret(name, 'earlier')).toMatch(/[0-9a-f]{48}/);
    }
    expect(told).toContain('/docker-entrypoint-initdb.d/roles.sql');
    expect(told).not.toMatch(/superuser's|of-temporal|c2VhbGluZw/);
    expect(makeEnv('earlier.env', 'earlier')).toBe('');
    // As it was, for whoever has to go back.
    expect(readFileSync(at('earlier.env.earlier'), 'utf8')).toContain('of-the-superuser');
  });

  it('changes nothing where .env and a file have different keys: one of them opens what is stored', () => {
    makeEnv('two.env', 'two');
    const env = 'HOLDFAST_PUBLIC_URL=https://a.example\nHOLDFAST_KEYS=k1:c2VhbGluZw==\n';
    writeFileSync(at('two.env'), env);
    const before = secret('holdfast_keys', 'two');
    expect(() => makeEnv('two.env', 'two')).toThrow(/two\.env and .*holdfast_keys differ/);
    expect(readFileSync(at('two.env'), 'utf8')).toBe(env);
    expect(secret('holdfast_keys', 'two')).toBe(before);
  });

  it('adds what an .env that is there for something else lacks', () => {
    writeFileSync(at('other.env'), 'ACME_CLIENT_ID=x\n');
    makeEnv('other.env', 'other');
    expect(parseEnv(readFileSync(at('other.env'), 'utf8'))).toEqual({
      ...{ ACME_CLIENT_ID: 'x', HOLDFAST_PUBLIC_URL: 'http://localhost:3000' },
    });
  });
});
