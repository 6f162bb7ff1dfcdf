import { readFileSync } from 'node:fs';
import { messageOf } from '../lib/errors';
import { isServiceLink } from './service-links';

export type Environment = Readonly<Record<string, string | undefined>>;

const secrets = [
  ...['DATABASE_URL', 'HOLDFAST_MIGRATE_DATABASE_URL', 'HOLDFAST_API_KEYS', 'HOLDFAST_API_KEY'],
  ...['HOLDFAST_KEYS', 'HOLDFAST_NOTIFY_SECRET', 'HOLDFAST_METRICS_TOKEN'],
  ...['HOLDFAST_TEMPORAL_HASH_KEY'],
  ...['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_KEY_DATA'],
];

/** Whether a variable holds a secret, so that `<name>_FILE` may name a file with its value. */
export const isSecret = (name: string): boolean =>
  secrets.includes(name) || /^[A-Z0-9_]+_(CLIENT|WEBHOOK)_SECRET$/.test(name);

interface Read {
  env: Environment;
  problems: string[];
}

/**
 * The environment with the values of `<any secret>_FILE` in the place of those names: what an orchestrator mounts is in no
 * process list and no `inspect`. The content is never repeated.
 */
export function readSecretFiles(env: Environment): Read {
  const problems: string[] = [];
  const read = new Map(Object.entries(env));
  for (const [variable, given] of Object.entries(env)) {
    const file = given?.trim() ?? '';
    const name = variable.replace(/_FILE$/, '');
    if (name === variable || file === '' || !isSecret(name)) continue;
    read.delete(variable);
    const allowed = 'the path of a file with the value, and then no variable with it';
    const report = (wrong: string) => problems.push(`${variable}: ${wrong}; allowed: ${allowed}`);
    if ((env[name]?.trim() ?? '') !== '') {
      report(`${name} is set, too`);
      continue;
    }
    try {
      const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      if (value.trim() === '') report(`${file} is empty`);
      read.set(name, value);
    } catch (error) {
      report(`${file} can't be read (${messageOf(error)})`);
    }
  }
  return { env: Object.fromEntries(read), problems };
}

/** Settings that can't be used: one line for each, without the value of a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.join('\n'), options);
  }
}

/**
 * Reads variables one by one and collects what is wrong with them. An empty variable counts as unset, as does one that
 * Kubernetes has made.
 * A parser returns undefined for a value that it doesn't take; the value itself is never repeated.
 */
export class Settings {
  readonly problems: string[];
  /** Those that were asked for, set or not. */
  readonly names = new Set<string>();
  private readonly env: Environment;

  constructor(given: Environment) {
    const { env, problems } = readSecretFiles(given);
    this.env = env;
    this.problems = problems;
  }

  raw(name: string): string | undefined {
    this.names.add(name);
    const value = this.env[name]?.trim() ?? '';
    return value === '' || isServiceLink(name, value) ? undefined : value;
  }

  report(name: string, wrong: string, allowed: string): void {
    this.problems.push(`${name}: ${wrong}; allowed: ${allowed}`);
  }

  /** The parsed value, or `fallback` where the variable is unset or wrong. */
  parsed<T>(name: string, fallback: T, allowed: string, parse: (raw: string) => T | undefined): T {
    const raw = this.raw(name);
    if (raw === undefined) return fallback;
    const value = parse(raw);
    if (value === undefined) this.report(name, 'this value is not understood', allowed);
    return value ?? fallback;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const raw = this.raw(name);
    if (raw === undefined) return fallback;
    const value = Number(raw);
    if (/^-?\d+$/.test(raw) && value >= min && value <= max) return value;
    const wrong = /^-?\d+$/.test(raw) ? `${raw} is out of range` : 'not a whole number';
    this.report(name, wrong, `${min} to ${max}`);
    return fallback;
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.parsed(name, fallback, 'true or false', (raw) =>
      raw === 'true' ? true : raw === 'false' ? false : undefined,
    );
  }

  text(name: string, maxLength: number): string | undefined {
    const raw = this.raw(name);
    if (raw === undefined || raw.length <= maxLength) return raw;
    this.report(name, `${raw.length} characters are too many`, `at most ${maxLength} characters`);
    return undefined;
  }

  /** An absolute http or https address, without a slash at its end. */
  httpUrl(name: string): string | undefined {
    return this.parsed<string | undefined>(
      name,
      undefined,
      'an address that begins with http:// or https://',
      (raw) => (isHttpUrl(raw) ? raw.replace(/\/+$/, '') : undefined),
    );
  }

  /** The parts of a comma-separated list, without the empty ones. */
  list(name: string): string[] {
    const parts = (this.raw(name) ?? '').split(',').map((part) => part.trim());
    return parts.filter((part) => part !== '');
  }
}

export function isHttpUrl(raw: string): boolean {
  return URL.canParse(raw) && /^https?:$/.test(new URL(raw).protocol);
}
