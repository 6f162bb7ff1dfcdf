import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { parseConfig } from '../../src/config';
import { requireSettings } from '../../src/config/required';
import { type ComposeFile, interpolate, readComposeFile, root } from './compose-file';

const { services } = readComposeFile() as ComposeFile;
const directory = mkdtempSync(path.join(tmpdir(), 'holdfast-env-'));
const file = path.join(directory, '.env');
const makeEnv = () =>
  execFileSync('sh', [path.join(root, 'deploy/make-env.sh'), file], { stdio: 'pipe' });

beforeAll(() => makeEnv());
afterAll(() => rmSync(directory, { recursive: true }));

function settingsOf(service: string): Record<string, string> {
  const env = parseEnv(readFileSync(file, 'utf8'));
  const { environment = {} } = services[service] ?? {};
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, interpolate(value, env)]),
  );
}

describe('deploy/make-env.sh', () => {
  it('gives gateway, worker and migrate every setting that they ask for', () => {
    const gateway = parseConfig(settingsOf('gateway'));
    requireSettings(gateway, ['DATABASE_URL', 'HOLDFAST_KEYS', 'HOLDFAST_API_KEYS']);
    expect(gateway).toMatchObject({ temporalAddress: 'temporal:7233' });
    requireSettings(parseConfig(settingsOf('worker')), ['DATABASE_URL', 'HOLDFAST_KEYS']);
    requireSettings(parseConfig(settingsOf('migrate')), ['DATABASE_URL']);
    expect(parseConfig(settingsOf('migrate')).migrateDatabaseUrl).toBeDefined();
  });

  it('gives both sides of each database the same password', () => {
    const { HOLDFAST_MIGRATE_DATABASE_URL: owner = '', DATABASE_URL: run } = settingsOf('migrate');
    const { username, password } = new URL(owner);
    expect(password).toHaveLength(48);
    expect(settingsOf('holdfast-postgres')['POSTGRES_USER']).toBe(username);
    expect(settingsOf('holdfast-postgres')['POSTGRES_PASSWORD']).toBe(password);
    // What runs is another role, which never sees the owner's password.
    for (const name of ['gateway', 'worker']) {
      expect(settingsOf(name)['DATABASE_URL']).toBe(run);
      expect(JSON.stringify(settingsOf(name))).not.toContain(password);
    }
    expect(new URL(run ?? '').username).not.toBe(username);
    expect(new URL(run ?? '').password).toMatch(/^[0-9a-f]{48}$/);
    const temporal = settingsOf('temporal')['POSTGRES_PWD'];
    expect(temporal).not.toBe(password);
    expect(settingsOf('temporal-schema')['SQL_PASSWORD']).toBe(temporal);
    expect(settingsOf('temporal-postgres')['POSTGRES_PASSWORD']).toBe(temporal);
  });

  it('writes a file for its owner alone, and never over one that is there', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    expect(makeEnv).toThrow(/exists/i);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('adds to one of an earlier version what it lacks', () => {
    const before = readFileSync(file, 'utf8');
    const earlier = before.replace(/^HOLDFAST_POSTGRES_RUN_PASSWORD=.*\n/m, '');
    writeFileSync(file, earlier);
    makeEnv();
    const { HOLDFAST_POSTGRES_RUN_PASSWORD: added, ...kept } = parseEnv(readFileSync(file, 'utf8'));
    expect(added).toMatch(/^[0-9a-f]{48}$/);
    expect(kept).toEqual(parseEnv(earlier));
    expect(makeEnv).toThrow(/exists/i);
  });
});
