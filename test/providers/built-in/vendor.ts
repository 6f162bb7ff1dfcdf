import { randomToken } from '../../../src/crypto/hash';
import { readAccount } from '../../../src/oauth/account';
import { authorizationRequest } from '../../../src/oauth/authorize';
import { exchangeCode } from '../../../src/oauth/exchange';
import { probeToken } from '../../../src/oauth/probe';
import { refreshTokens } from '../../../src/oauth/refresh';
import { revokeToken } from '../../../src/oauth/revoke';
import { builtInProviders, type BuiltInName } from '../../../src/providers/built-in';
import type { Provider, ProviderDeclaration } from '../../../src/providers/provider';
import { openRegistry } from '../../support/connections';
import { serve, type SeenRequest } from '../../oauth/loopback';

/** JSON with status 200, or a status with JSON or text. */
export type Answer = Record<string, unknown> | [status: number, body: unknown];
/** A vendor that looks at what it is asked. */
type Behaviour = (request: SeenRequest) => Answer;

/** What a vendor answers, by method and documented address; further answers to one come in turn. */
export type Answers = Record<string, Answer | Answer[] | Behaviour>;

export interface Vendor {
  /** The built-in provider, its documented origins replaced by servers on loopback. */
  provider: Provider;
  requests: SeenRequest[];
  parameters: Record<string, string>;
}

export const client = { clientId: 'id-of-the-app', clientSecret: 'secret-of-the-app' };
const redirectUri = 'http://localhost:3000/oauth/vendor/callback';
const within = () => ({ signal: AbortSignal.timeout(10_000) });

/** Starts a server for each origin that is named in the answers; `closeServers` ends them. */
export async function startVendor(
  name: BuiltInName,
  answers: Answers,
  parameters: Record<string, string> = {},
): Promise<Vendor> {
  const requests: SeenRequest[] = [];
  const origins = new Map<string, string>();
  const left = new Map(Object.entries(answers).map(([key, given]) => [key, behaviour(given)]));
  const named = Object.keys(answers).map((key) => /https:\/\/[^/]+/.exec(key)?.[0] ?? '');
  for (const origin of new Set(named)) {
    const { port } = await serve((response, seen) => {
      requests.push(seen);
      const answer = left.get(`${seen.method} ${origin}${seen.url}`);
      const [status, body] = withStatus(answer?.(seen) ?? [404, 'nothing is documented here']);
      const isText = typeof body === 'string';
      response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' });
      response.end(isText ? body : JSON.stringify(body));
    });
    origins.set(origin, `http://127.0.0.1:${String(port)}`);
  }
  const declaration = builtInProviders({ [name]: { client } })[name];
  return { provider: toProvider(name, replaced(declaration, origins)), requests, parameters };
}

function behaviour(given: Answer | Answer[] | Behaviour): Behaviour {
  if (typeof given === 'function') return given;
  if (!isList(given)) return () => given;
  const turns = [...given];
  return () => (turns.length > 1 ? turns.shift() : turns[0]) ?? [500, 'there is no answer'];
}

const isList = (given: Answer | Answer[]): given is Answer[] =>
  Array.isArray(given) && typeof given[0] !== 'number';

const withStatus = (answer: Answer): [number, unknown] =>
  Array.isArray(answer) ? answer : [200, answer];

/** The built-in provider as it is. */
export function untouched(name: BuiltInName): Provider {
  return toProvider(name, builtInProviders({ [name]: { client } })[name]);
}

function toProvider(name: BuiltInName, declaration: unknown): Provider {
  const registry = openRegistry({ providers: { [name]: declaration as ProviderDeclaration } });
  const provider = registry.get(name);
  if (provider === undefined) throw new Error('The registry lost its provider.');
  return provider;
}

/** Every text that begins with one of the origins begins with its replacement. */
function replaced(value: unknown, origins: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    const origin = /^https:\/\/[^/]+/.exec(value)?.[0] ?? '';
    return (origins.get(origin) ?? origin) + value.slice(origin.length);
  }
  if (Array.isArray(value)) return value.map((inner) => replaced(inner, origins));
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, replaced(v, origins)]));
}

/** Where a person would be sent. */
export async function authorizationAddress(
  provider: Provider,
  parameters: Record<string, string> = {},
): Promise<URL> {
  const secrets = { state: 'the-state', codeVerifier: randomToken(32), nonce: randomToken(32) };
  return await authorizationRequest(provider, { redirectUri, ...secrets, parameters });
}

/** Comes back from the vendor with a code. */
export async function exchange({ provider, parameters }: Vendor) {
  const callbackUrl = new URL(`${redirectUri}?code=the-code&state=the-state`);
  const secrets = { state: 'the-state', codeVerifier: randomToken(32), nonce: randomToken(32) };
  const given = { redirectUri, callbackUrl, ...secrets, parameters };
  return await exchangeCode(provider, given, within());
}

/** Exchanges a code, which has to work, and reads the account. */
export async function connect(vendor: Vendor) {
  const result = await exchange(vendor);
  if (result.kind !== 'exchanged') throw new Error(`${result.kind}: ${result.code}`);
  const { provider, parameters } = vendor;
  const account = await readAccount(provider, result, { parameters, ...within() });
  return { tokens: result.tokens, account };
}

export async function refresh({ provider, parameters }: Vendor, refreshToken = 'refresh-1') {
  const request = { refreshToken, parameters, unansweredBefore: false };
  const outcome = await refreshTokens(provider, request, within());
  delete outcome.asked;
  return outcome;
}

export async function probe({ provider, parameters }: Vendor, accessToken = 'token-1') {
  return await probeToken(provider, accessToken, { parameters, ...within() });
}

export async function revoke(
  { provider, parameters }: Vendor,
  hint: 'access_token' | 'refresh_token',
  { value = hint === 'access_token' ? 'token-1' : 'refresh-1', accountId = 'account-1' } = {},
) {
  return await revokeToken(provider, { value, hint, parameters, accountId }, within());
}

/** What stands in an answer for as long as it lasts. */
export function lifetimeSeconds(tokens: { expiresAt?: Date | undefined }): number | undefined {
  if (tokens.expiresAt === undefined) return undefined;
  return Math.round((tokens.expiresAt.getTime() - Date.now()) / 60_000) * 60;
}
