import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, parseConfig, type Environment } from '../../src/config';

const key = Buffer.alloc(32, 7).toString('base64');
const apiKey = 'k'.repeat(32);
const notifySecret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
// Keeps a profile of the machine that runs the tests out of it.
const base: Environment = { TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };

function problemsOf(env: Environment): readonly string[] {
  try {
    parseConfig({ ...base, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('an empty environment gives the defaults', () => {
  expect(parseConfig(base)).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://localhost:3000',
    databaseUrl: undefined,
    temporalAddress: undefined,
    dataDir: '.holdfast',
    postgresPort: 54320,
    temporalPort: 7233,
    temporalUiPort: 8233,
    playgroundPort: 3210,
    apiKeys: [],
    keys: [],
    bodyLimitBytes: 1_048_576,
    rateLimitPerSecond: 500,
    keepLimit: 100_000,
    keepLimitBytes: 2 ** 30,
    trustedProxies: [],
    retentionDays: 30,
    auditRetentionDays: 365,
    metrics: true,
    workerPort: 9464,
    snapshotSeconds: 15,
    temporalUserAttribute: 'on',
    privateDestinations: 'deny',
    sweepSeconds: 30,
    appName: 'this application',
    logLevel: 'info',
  });
});

test('every variable is read', () => {
  const config = parseConfig({
    ...base,
    HOST: '0.0.0.0',
    PORT: '8080',
    HOLDFAST_PUBLIC_URL: 'https://hooks.example.com/',
    DATABASE_URL: 'postgres://u:p@db/holdfast',
    TEMPORAL_ADDRESS: 'temporal:7233',
    TEMPORAL_NAMESPACE: 'prod',
    HOLDFAST_API_KEYS: `${apiKey}, ${apiKey}2`,
    HOLDFAST_KEYS: `b:${key},a:${key}`,
    HOLDFAST_NOTIFY_URL: 'https://app.example.com/notices',
    HOLDFAST_NOTIFY_SECRET: notifySecret,
    HOLDFAST_NOTIFY_SKIP_RECOVERED: 'true',
    HOLDFAST_METRICS: 'off',
    HOLDFAST_METRICS_PORT: '9465',
    HOLDFAST_METRICS_TOKEN: apiKey,
    HOLDFAST_TEMPORAL_USER_ATTRIBUTE: 'hash',
    HOLDFAST_TEMPORAL_HASH_KEY: apiKey,
    HOLDFAST_ALLOWED_ORIGINS: 'https://app.example.com,http://localhost:8000/',
    HOLDFAST_APP_LOGO_URL: 'https://app.example.com/logo.svg',
    HOLDFAST_BRAND_COLOR: '#0F5A62',
    HOLDFAST_PRIVATE_DESTINATIONS: '10.0.0.0/8, [fd00::/8]:443, app.internal:8080',
  });
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 8080,
    publicUrl: 'https://hooks.example.com',
    databaseUrl: 'postgres://u:p@db/holdfast',
    temporalAddress: 'temporal:7233',
    temporalNamespace: 'prod',
    apiKeys: [apiKey, `${apiKey}2`],
    notifyUrl: 'https://app.example.com/notices',
    notifySecret,
    notifySkipRecovered: true,
    metrics: false,
    metricsPort: 9465,
    metricsToken: apiKey,
    temporalUserAttribute: 'hash',
    temporalHashKey: apiKey,
    allowedOrigins: ['https://app.example.com', 'http://localhost:8000'],
    appLogoUrl: 'https://app.example.com/logo.svg',
    brandColor: '#0f5a62',
    privateDestinations: ['10.0.0.0/8', '[fd00::/8]:443', 'app.internal:8080'],
  });
  expect(config.keys.map(({ id, key: { length } }) => [id, length])).toEqual([
    ['b', 32],
    ['a', 32],
  ]);
  expect(Object.isFrozen(config)).toBe(true);
});

test('users are not hashed without a key', () => {
  expect(problemsOf({ HOLDFAST_TEMPORAL_USER_ATTRIBUTE: 'hash' })).toEqual([
    expect.stringMatching(/^HOLDFAST_TEMPORAL_HASH_KEY: HOLDFAST_TEMPORAL_USER_ATTRIBUTE is hash/),
  ]);
});

test('a variable that is empty counts as unset', () => {
  expect(parseConfig({ ...base, PORT: '', DATABASE_URL: ' ' })).toMatchObject({
    port: 3000,
    databaseUrl: undefined,
  });
});

test('what Kubernetes makes of a Service counts as unset, and of no other name', () => {
  const link = 'tcp://10.0.0.1:5432';
  const links = ['POSTGRES', 'TEMPORAL', 'TEMPORAL_UI', 'PLAYGROUND'].map((service) => [
    `HOLDFAST_${service}_PORT`,
    link,
  ]);
  expect(parseConfig({ ...base, ...(Object.fromEntries(links) as Environment) })).toEqual(
    parseConfig(base),
  );
  expect(problemsOf({ PORT: link })).toHaveLength(1);
  expect(problemsOf({ HOLDFAST_KEYS: link })).toHaveLength(1);
  expect(problemsOf({ HOLDFAST_PUBLIC_URL: link })).toHaveLength(1);
  expect(problemsOf({ HOLDFAST_POSTGRES_PORT: 'http://10.0.0.1:5432' })).toHaveLength(1);
});

test.each([
  ['PORT', '0'],
  ['PORT', '70000'],
  ['PORT', '3e3'],
  ['PORT', 'http'],
  ['HOLDFAST_PUBLIC_URL', 'hooks.example.com'],
  ['HOLDFAST_PUBLIC_URL', 'ftp://hooks.example.com'],
  ['DATABASE_URL', 'mysql://u:p@db/x'],
  ['TEMPORAL_ADDRESS', 'temporal'],
  ['HOLDFAST_API_KEYS', 'k'.repeat(31)],
  ['HOLDFAST_API_KEYS', `${apiKey},${'ü'.repeat(32)}`],
  ['HOLDFAST_KEYS', `a:${Buffer.alloc(31).toString('base64')}`],
  ['HOLDFAST_KEYS', key],
  ['HOLDFAST_KEYS', `a:${key},a:${key}`],
  ['HOLDFAST_NOTIFY_SECRET', 'whsec_short'],
  ['HOLDFAST_NOTIFY_SECRET', 'plain text that is long enough for it'],
  ['HOLDFAST_NOTIFY_SKIP_RECOVERED', 'maybe'],
  ['HOLDFAST_BODY_LIMIT_BYTES', '-1'],
  ['HOLDFAST_RATE_LIMIT_PER_SECOND', '0'],
  ['HOLDFAST_RETENTION_DAYS', '3'],
  ['HOLDFAST_METRICS', 'yes'],
  ['HOLDFAST_METRICS_PORT', '0'],
  ['HOLDFAST_METRICS_TOKEN', 't'.repeat(31)],
  ['HOLDFAST_WORKER_PORT', '-1'],
  ['HOLDFAST_SNAPSHOT_SECONDS', '0'],
  ['HOLDFAST_TEMPORAL_USER_ATTRIBUTE', 'hidden'],
  ['HOLDFAST_TEMPORAL_HASH_KEY', 'h'.repeat(31)],
  ['HOLDFAST_ALLOWED_ORIGINS', 'https://app.example.com/path'],
  ['HOLDFAST_SIGN_IN_URL', 'javascript:alert(1)'],
  ['HOLDFAST_APP_LOGO_URL', 'http://app.example.com/logo.svg'],
  ['HOLDFAST_APP_LOGO_URL', 'https://u:p@app.example.com/logo.svg'],
  ['HOLDFAST_APP_LOGO_URL', 'https://a;script-src.example/logo.svg'],
  ['HOLDFAST_BRAND_COLOR', '#fc0'],
  ['HOLDFAST_BRAND_COLOR', 'teal; }'],
  ['HOLDFAST_HOLD', 'x'.repeat(501)],
  ['HOLDFAST_PRIVATE_DESTINATIONS', 'sometimes'],
  ['HOLDFAST_PRIVATE_DESTINATIONS', '10.0.0.0/33'],
  ['HOLDFAST_PRIVATE_DESTINATIONS', 'app.internal'],
  ['HOLDFAST_PRIVATE_DESTINATIONS', 'allow, app.internal:80'],
  ['HOLDFAST_SWEEP_SECONDS', '1.5'],
  ['LOG_LEVEL', 'loud'],
])('%s: wrong value %# is one line that names the variable and what is allowed', (name, value) => {
  const problems = problemsOf({ [name]: value });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name}: .+; allowed: .+`));
});

test('each wrong variable has its line, and no line repeats a secret', () => {
  const secret = 'S3CRET';
  const problems = problemsOf({
    PORT: 'x',
    DATABASE_URL: `mysql://u:${secret}@db`,
    HOLDFAST_API_KEYS: secret,
    HOLDFAST_KEYS: `a:${secret}`,
    HOLDFAST_NOTIFY_SECRET: secret,
    HOLDFAST_NOTIFY_URL: `nowhere/${secret}`,
  });
  expect(problems).toHaveLength(6);
  expect(problems.join('\n')).not.toContain(secret);
});

test('an address for notices needs a secret to sign them', () => {
  const problems = problemsOf({ HOLDFAST_NOTIFY_URL: 'https://app.example.com/n' });
  expect(problems).toEqual([expect.stringContaining('HOLDFAST_NOTIFY_SECRET: needed')]);
});

test("the built-in providers' settings are read by name", () => {
  const { apps } = parseConfig({
    ...base,
    GITHUB_CLIENT_ID: 'an-id',
    GITHUB_CLIENT_SECRET: 'a-secret',
    GITHUB_WEBHOOK_SECRET: 'shared',
    SLACK_WEBHOOK_SECRET: 'shared',
    STRIPE_APPS_WEBHOOK_SECRET: 'of the app',
    ATTIO_CLIENT_ID: ' ',
    ACME_CLIENT_ID: 'nobody-reads-this',
  });
  expect(apps).toEqual({
    github: { client: { clientId: 'an-id', clientSecret: 'a-secret' }, webhookSecret: 'shared' },
    slack: { webhookSecret: 'shared' },
    'stripe-apps': { webhookSecret: 'of the app' },
  });
});

test('half a client of a built-in provider is a fault, which names the other half and no value', () => {
  const problems = problemsOf({ STRIPE_CLIENT_SECRET: 'sk_secret', GOOGLE_CLIENT_ID: 'an-id' });
  expect(problems).toEqual([
    'GOOGLE_CLIENT_SECRET: needed with GOOGLE_CLIENT_ID; allowed: the client secret from the provider',
    'STRIPE_CLIENT_ID: needed with STRIPE_CLIENT_SECRET; allowed: the client id from the provider',
  ]);
  expect(problems.join()).not.toMatch(/sk_secret|an-id/);
});

describe('a secret in a file', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string) => {
    const at = path.join(folder, name);
    writeFileSync(at, content);
    return at;
  };

  test('is read for every setting that holds one', () => {
    const config = parseConfig({
      ...base,
      DATABASE_URL_FILE: file('database', 'postgres://u:p@db/holdfast\n'),
      HOLDFAST_MIGRATE_DATABASE_URL_FILE: file('owner', 'postgres://o:p@db/holdfast\r\n'),
      HOLDFAST_API_KEYS_FILE: file('api-keys', apiKey),
      HOLDFAST_KEYS_FILE: file('keys', `k1:${key}\n`),
      HOLDFAST_NOTIFY_URL: 'https://app.example.com/n',
      HOLDFAST_NOTIFY_SECRET_FILE: file('notify', notifySecret),
      STRIPE_CLIENT_ID: 'an-id',
      STRIPE_CLIENT_SECRET_FILE: file('stripe', 'sk_of_a_file\n'),
      GITHUB_WEBHOOK_SECRET_FILE: file('github', 'a secret with spaces in it'),
      // Empty: as if it were not there.
      GOOGLE_CLIENT_SECRET_FILE: '',
    });
    expect(config).toMatchObject({
      databaseUrl: 'postgres://u:p@db/holdfast',
      migrateDatabaseUrl: 'postgres://o:p@db/holdfast',
      apiKeys: [apiKey],
      keys: [{ id: 'k1' }],
      notifySecret,
      apps: {
        stripe: { client: { clientId: 'an-id', clientSecret: 'sk_of_a_file' } },
        github: { webhookSecret: 'a secret with spaces in it' },
      },
    });
  });

  test('that is set beside its variable, is empty, missing or of no secret setting is named without its content', () => {
    const secret = file('secret', 'a-secret-of-the-file');
    const missing = path.join(folder, 'missing');
    const problems = problemsOf({
      HOLDFAST_API_KEYS: apiKey,
      HOLDFAST_API_KEYS_FILE: secret,
      HOLDFAST_KEYS_FILE: file('empty', '\n'),
      DATABASE_URL_FILE: missing,
      PORT_FILE: secret,
    });
    expect(problems).toEqual([
      expect.stringMatching(/^HOLDFAST_API_KEYS_FILE: HOLDFAST_API_KEYS is set, too; allowed: /),
      expect.stringMatching(/^HOLDFAST_KEYS_FILE: .*empty is empty; allowed: /),
      expect.stringMatching(/^DATABASE_URL_FILE: .*missing can't be read \(ENOENT.*\); allowed: /),
    ]);
    // A value that is wrong is not repeated either.
    expect(problemsOf({ HOLDFAST_KEYS_FILE: secret }).join()).not.toContain('a-secret-of-the-file');
  });
});
