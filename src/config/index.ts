import { apps } from './apps';
import { noticeSettings, type NoticeSettings } from './notifications';
import { operationSettings, type OperationSettings } from './operations';
import type { ConnectionRules } from '../destinations/connection-rules';
import { parseIpBlock } from '../destinations/ip-address';
import { ownServers } from './own-servers';
import { privateDestinations } from './private-destinations';
import { publicUrl } from './public-url';
import { isPictureAddress } from '../lib/http/picture-address';
import type { EncryptionKey } from '../crypto/envelope';
import { sealingKeys } from './encryption-keys';
import { ConfigError, isHttpUrl, Settings, type Environment } from './settings';
import { temporalProfile } from './temporal-profile';
import type { Apps } from '../providers/built-in';

export { ConfigError, type Environment, readSecretFiles } from './settings';

/** The settings of the environment, parsed once, frozen and handed down. */
export interface Config extends NoticeSettings, OperationSettings, ConnectionRules {
  host: string;
  port: number;
  /** With its path, if it has one; without a slash at its end. */
  publicUrl: string;
  databaseUrl: string | undefined;
  /** The owner's, who migrates. Unset: `databaseUrl`. */
  migrateDatabaseUrl: string | undefined;
  /** Set where `TEMPORAL_ADDRESS` or a profile names a server. */
  temporalAddress: string | undefined;
  temporalNamespace: string | undefined;
  /** Without a slash at its end. */
  temporalUiUrl: string | undefined;
  dataDir: string;
  postgresPort: number;
  temporalPort: number;
  temporalUiPort: number;
  playgroundPort: number;
  apiKeys: readonly string[];
  /** The first seals, all open. */
  keys: readonly EncryptionKey[];
  configFile: string | undefined;
  /** Of the built-in providers. */
  apps: Apps;
  hold: string | undefined;
  bodyLimitBytes: number;
  rateLimitPerSecond: number;
  keepLimit: number;
  /** Of everything that is stored for one integration. */
  keepLimitBytes: number;
  /** CIDRs whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
  retentionDays: number;
  auditRetentionDays: number;
  allowedOrigins: readonly string[];
  signInUrl: string | undefined;
  appName: string;
  /** An https address. */
  appLogoUrl: string | undefined;
  /** `#rrggbb`, in lower case. */
  brandColor: string | undefined;
  sweepSeconds: number;
  logLevel: string;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** @throws ConfigError with a line for each wrong variable */
export function parseConfig(env: Environment): Config {
  const settings = new Settings(env);
  const config = readConfig(env, settings);
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
  return Object.freeze(config);
}

/** Every variable that `parseConfig` reads, but for Temporal's own. */
export function settingNames(): ReadonlySet<string> {
  const settings = new Settings({});
  readConfig({}, settings);
  return settings.names;
}

function readConfig(env: Environment, settings: Settings): Config {
  const port = settings.integer('PORT', 3000, 1, 65_535);
  const temporal = temporalProfile(env, settings);
  const postgres = databaseUrl(settings, 'DATABASE_URL');
  const temporalUiUrl = settings.httpUrl('HOLDFAST_TEMPORAL_UI_URL');
  return {
    host: settings.raw('HOST') ?? '127.0.0.1',
    port,
    publicUrl: publicUrl(settings, port),
    databaseUrl: postgres,
    migrateDatabaseUrl: databaseUrl(settings, 'HOLDFAST_MIGRATE_DATABASE_URL'),
    temporalAddress: temporal.address,
    temporalNamespace: temporal.namespace,
    temporalUiUrl,
    dataDir: settings.raw('HOLDFAST_DATA_DIR') ?? '.holdfast',
    postgresPort: settings.integer('HOLDFAST_POSTGRES_PORT', 54_320, 1, 65_535),
    temporalPort: settings.integer('HOLDFAST_TEMPORAL_PORT', 7233, 1, 65_535),
    temporalUiPort: settings.integer('HOLDFAST_TEMPORAL_UI_PORT', 8233, 1, 65_535),
    playgroundPort: settings.integer('HOLDFAST_PLAYGROUND_PORT', 3210, 1, 65_535),
    apiKeys: apiKeys(settings),
    keys: sealingKeys(settings),
    configFile: settings.raw('HOLDFAST_CONFIG'),
    apps: apps(settings),
    hold: settings.text('HOLDFAST_HOLD', 500),
    ...noticeSettings(settings),
    ...operationSettings(settings),
    bodyLimitBytes: settings.integer('HOLDFAST_BODY_LIMIT_BYTES', 1_048_576, 1, 67_108_864),
    rateLimitPerSecond: settings.integer('HOLDFAST_RATE_LIMIT_PER_SECOND', 500, 1, 1_000_000),
    keepLimit: settings.integer('HOLDFAST_KEEP_LIMIT', 100_000, 1, 1_000_000_000),
    keepLimitBytes: settings.integer('HOLDFAST_KEEP_LIMIT_BYTES', 2 ** 30, 1, 2 ** 50),
    trustedProxies: trustedProxies(settings),
    retentionDays: settings.integer('HOLDFAST_RETENTION_DAYS', 30, 4, 3650),
    auditRetentionDays: settings.integer('HOLDFAST_AUDIT_RETENTION_DAYS', 365, 1, 3650),
    allowedOrigins: allowedOrigins(settings),
    signInUrl: settings.httpUrl('HOLDFAST_SIGN_IN_URL'),
    appName: settings.text('HOLDFAST_APP_NAME', 100) ?? 'this application',
    appLogoUrl: appLogoUrl(settings),
    brandColor: brandColor(settings),
    privateDestinations: privateDestinations(settings),
    ownServers: ownServers({
      databaseUrl: postgres,
      temporalAddress: temporal.address,
      temporalUiUrl,
    }),
    sweepSeconds: settings.integer('HOLDFAST_SWEEP_SECONDS', 30, 1, 3600),
    logLevel: settings.parsed('LOG_LEVEL', 'info', logLevels.join(', '), (raw) =>
      logLevels.includes(raw) ? raw : undefined,
    ),
  };
}

function databaseUrl(settings: Settings, name: string): string | undefined {
  return settings.parsed<string | undefined>(
    name,
    undefined,
    'postgres://user:password@host:port/database',
    (raw) => (URL.canParse(raw) && /^postgres(ql)?:\/\//.test(raw) ? raw : undefined),
  );
}

function appLogoUrl(settings: Settings): string | undefined {
  return settings.parsed<string | undefined>(
    'HOLDFAST_APP_LOGO_URL',
    undefined,
    'an address that begins with https://, as of https://example.com/logo.svg',
    (raw) => (isPictureAddress(raw) ? new URL(raw).href : undefined),
  );
}

function brandColor(settings: Settings): string | undefined {
  return settings.parsed<string | undefined>(
    'HOLDFAST_BRAND_COLOR',
    undefined,
    'a colour of the form #rrggbb, such as #0f5a62',
    (raw) => (/^#[0-9a-f]{6}$/i.test(raw) ? raw.toLowerCase() : undefined),
  );
}

function apiKeys(settings: Settings): readonly string[] {
  const keys = settings.list('HOLDFAST_API_KEYS');
  if (keys.some((key) => key.length < 32 || !/^[\x21-\x7e]+$/.test(key))) {
    settings.report(
      'HOLDFAST_API_KEYS',
      'a key is too short or holds a character that no header can',
      'comma-separated keys, 32 characters or more each, ASCII without spaces',
    );
  }
  return Object.freeze(keys);
}

function trustedProxies(settings: Settings): readonly string[] {
  const name = 'HOLDFAST_TRUSTED_PROXIES';
  const blocks = settings.list(name);
  if (blocks.some((block) => parseIpBlock(block) === undefined)) {
    settings.report(
      name,
      'an entry is not a CIDR',
      'CIDRs (10.0.0.0/8, fd00::/8), comma-separated',
    );
  }
  return Object.freeze(blocks);
}

function allowedOrigins(settings: Settings): readonly string[] {
  const origins = settings.list('HOLDFAST_ALLOWED_ORIGINS').map((raw) => raw.replace(/\/$/, ''));
  if (origins.some((origin) => !isHttpUrl(origin) || new URL(origin).origin !== origin)) {
    settings.report(
      'HOLDFAST_ALLOWED_ORIGINS',
      'an entry is not an origin',
      'comma-separated origins (https://app.example.com), without a path',
    );
  }
  return Object.freeze(origins);
}
