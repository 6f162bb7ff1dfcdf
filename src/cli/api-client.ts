import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { ConfigError, type Environment, Settings } from '../config/settings';
import { errorStatuses, fetchFailure } from '../lib/errors';
import { CommandError, exitCodes } from './command';
import { isNobodyThere, nothingListens } from './nothing-listens';
import { forTerminal, sayUnknownVariables } from './output';

export interface ApiClient {
  /** Where it goes, without a slash at its end. */
  readonly url: string;
  /**
   * @param expected what the answer must have; `Type.Null()` where it has no body
   * @throws CommandError with the exit code that says what was wrong
   */
  call<T extends TSchema>(
    expected: T,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Static<T>>;
}

interface Target {
  url: string;
  apiKey: string;
  /** Where the key was found, in words. */
  keySource: string;
}

const timeoutMs = 30_000;
const errorAnswer = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});

/**
 * The API as the command asks it: at `HOLDFAST_URL`, as `HOLDFAST_API_KEY`.
 * @param cwd where a relative `HOLDFAST_DATA_DIR` begins
 * @throws ConfigError where a setting is wrong
 * @throws CommandError `notAuthorised` where there is no key
 */
export function createApiClient(env: Environment, cwd: string): ApiClient {
  sayUnknownVariables(env);
  const target = readTarget(env, cwd);
  return {
    url: target.url,
    call: async (expected, method, path, body) => {
      const { status, text } = await send(target, method, path, body);
      const answer = parse(text);
      if (status >= 400 && Value.Check(errorAnswer, answer) && isOfHoldfast(status, answer.error)) {
        throw refused(target, status, forTerminal(answer.error.message));
      }
      if (status < 300 && Value.Check(expected, answer)) return answer;
      throw new CommandError(
        `What answers at ${target.url} is not Holdfast's API, or of another version (${method} ${path}: ${status}). Is HOLDFAST_URL right?`,
        exitCodes.notReachable,
      );
    },
  };
}

/** What isn't there has a code of its own: that there is no such address says another server, or another version. */
function isOfHoldfast(status: number, { code }: { code: string }): boolean {
  return status !== 404 || (code !== 'not_found' && Object.hasOwn(errorStatuses, code));
}

function readTarget(env: Environment, cwd: string): Target {
  const settings = new Settings(env);
  refuseCredentials(settings);
  const port = settings.integer('PORT', 3000, 1, 65_535);
  const url = settings.httpUrl('HOLDFAST_URL') ?? `http://localhost:${port}`;
  const file = path.resolve(cwd, settings.raw('HOLDFAST_DATA_DIR') ?? '.holdfast', 'api-key');
  // Those of the gateway that runs here, which no other server is told.
  const isHere = settings.raw('HOLDFAST_URL') === undefined;
  const [first] = isHere ? settings.list('HOLDFAST_API_KEYS') : [];
  const given = settings.raw('HOLDFAST_API_KEY');
  if (settings.problems.length > 0) throw new ConfigError(settings.problems);
  if (given !== undefined) return checked({ url, apiKey: given, keySource: 'HOLDFAST_API_KEY' });
  const kept = readKey(file);
  if (kept !== undefined) return checked({ url, apiKey: kept, keySource: file });
  if (first !== undefined) return checked({ url, apiKey: first, keySource: 'HOLDFAST_API_KEYS' });
  throw new CommandError(
    `There is no API key: set HOLDFAST_API_KEY ("npm start" keeps one in ${file}, which is not there).`,
    exitCodes.notAuthorised,
  );
}

/** No request is sent to an address that holds any, and sentences name the address. */
function refuseCredentials(settings: Settings): void {
  const raw = settings.raw('HOLDFAST_URL') ?? '';
  if (!URL.canParse(raw)) return;
  const { username, password } = new URL(raw);
  if (username === '' && password === '') return;
  const allowed = 'an address without them; the key goes into HOLDFAST_API_KEY';
  settings.report('HOLDFAST_URL', 'it holds a user or a password', allowed);
}

/** What no header can hold must not end as a failure to connect. */
function checked(target: Target): Target {
  if (/^[\x21-\x7e]+$/.test(target.apiKey)) return target;
  const message = `The API key in ${target.keySource} holds a character that no key has.`;
  throw new CommandError(message, exitCodes.notAuthorised);
}

function readKey(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (cause) {
    const message = `The API key in ${file} can't be read by this user. Set HOLDFAST_API_KEY.`;
    throw new CommandError(message, exitCodes.notAuthorised, { cause });
  }
}

async function send(target: Target, method: string, path: string, body?: object) {
  try {
    const response = await fetch(`${target.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${target.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The key goes to the address that was named, and to no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    if (isNobodyThere(cause)) {
      throw new CommandError(nothingListens(target.url), exitCodes.notReachable, { cause });
    }
    throw new CommandError(
      `Holdfast does not answer at ${target.url} (${forTerminal(fetchFailure(cause))}). Is it running, and is HOLDFAST_URL right?`,
      exitCodes.notReachable,
      { cause },
    );
  }
}

function refused({ url, keySource }: Target, status: number, message: string): CommandError {
  if (status === 401) {
    return new CommandError(
      `Holdfast at ${url} refuses the API key in ${keySource}: ${message}`,
      exitCodes.notAuthorised,
    );
  }
  if (status === 403) return new CommandError(message, exitCodes.notAuthorised);
  return new CommandError(message);
}

/** Null where there is nothing, undefined where it isn't JSON. */
function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
