import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
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
  });

  it('gives both sides of each database the same password', () => {
    const { password } = new URL(settingsOf('gateway')['DATABASE_URL'] ?? '');
    expect(password).toHaveLength(48);
    expect(settingsOf('holdfast-postgres')['POSTGRES_PASSWORD']).toBe(password);
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
});
