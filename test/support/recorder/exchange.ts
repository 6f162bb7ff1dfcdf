import type { IncomingHttpHeaders } from 'node:http';
import type { Secret, SecretKind } from './secret-kinds';

/** One request and its answer, as a server or a client saw them. */
export interface Exchange {
  /** Path and query. */
  path: string;
  requestHeaders: IncomingHttpHeaders;
  requestBody: Buffer;
  responseHeaders: Readonly<Record<string, unknown>>;
  responseBody: Buffer;
}

const ofFields: Readonly<Record<string, SecretKind>> = {
  access_token: 'access token',
  accessToken: 'access token',
  refresh_token: 'refresh token',
  refreshToken: 'refresh token',
  id_token: 'id token',
  client_secret: 'client secret',
  code: 'authorization code',
  code_verifier: 'code verifier',
  state: 'oauth state',
  confirmation: 'confirmation code',
  webhookSecret: 'webhook secret',
};

/** RFC 6749 section 3.2. */
const isTokenRequest = ({ requestBody }: Exchange): boolean => requestBody.includes('grant_type=');

/** What only authorization servers are asked: RFC 6749 section 3.1, RFC 8414 section 3. */
const isAuthorization = ({ path }: Exchange) => /[?&]response_type=|^\/\.well-known\//.test(path);

/** What only Holdfast is asked, or a server that stands in for it. */
const isForHoldfast = ({ path }: Exchange) =>
  /^\/(?:v1\/(?:integrations|sessions)|webhooks)(?:\/|$)/.test(path);

/** Whoever is asked this may be shown tokens. */
export const isForTaker = (exchange: Exchange): boolean =>
  isTokenRequest(exchange) || isAuthorization(exchange) || isForHoldfast(exchange);

/** A body that is nothing else is told to people as what it is. */
const isErrorCode = (body: Buffer): boolean => /^\ufeff?[a-z_]+\s*$/i.test(body.toString());

/** Every secret that an exchange carries, wherever it belongs. */
export function secretsOf(exchange: Exchange): Secret[] {
  const url = new URL(exchange.path, 'http://any.test');
  const form = new URLSearchParams(exchange.requestBody.toString());
  const location = exchange.responseHeaders['location'];
  const found = [
    ...ofAuthorization(exchange, url),
    ...ofCookies(exchange),
    ...ofReconnect(url),
    ...ofQuery(reconnectCode(url) === undefined ? url.searchParams : new URLSearchParams()),
    ...ofAnswer(exchange, url),
    ...ofJson(exchange.requestBody, url).filter(({ kind }) => kind !== 'session token'),
  ];
  if (typeof location === 'string' && URL.canParse(location, url.href)) {
    found.push(...ofQuery(new URL(location, url).searchParams));
  }
  if (isTokenRequest(exchange)) {
    found.push(...ofQuery(form));
    found.push({ kind: 'token endpoint body', value: exchange.requestBody });
    if (!isErrorCode(exchange.responseBody)) {
      found.push({ kind: 'token endpoint body', value: exchange.responseBody });
    }
  }
  return found;
}

function ofAuthorization({ requestHeaders }: Exchange, { pathname }: URL): Secret[] {
  const [scheme = '', value = ''] = (requestHeaders.authorization ?? '').split(' ');
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(value, 'base64').toString();
    return [{ kind: 'client secret', value: decode(pair.slice(pair.indexOf(':') + 1)) }];
  }
  if (pathname.startsWith('/v1/')) return [{ kind: 'api key', value }];
  const isPerson = /^\/api\/(?:users|connectors)\//.test(pathname);
  return [{ kind: isPerson ? 'session token' : 'access token', value }];
}

/** RFC 6749 section 2.3.1 encodes what Basic carries; a test may send what can't be decoded. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

function ofCookies({ requestHeaders, responseHeaders }: Exchange): Secret[] {
  const set = [responseHeaders['set-cookie'] ?? []].flat() as string[];
  const pairs = [...(requestHeaders.cookie ?? '').split('; '), ...set];
  return pairs.map((pair) => ({ kind: 'cookie', value: /^[^=;]+=([^;]*)/.exec(pair)?.[1] ?? '' }));
}

function ofQuery(fields: URLSearchParams): Secret[] {
  return [...fields].flatMap(([name, value]) => {
    const kind = ofFields[name];
    return kind === undefined ? [] : [{ kind, value }];
  });
}

/** What the address in a notification has. */
const reconnectCode = ({ pathname, searchParams }: URL): string | undefined =>
  /\/reconnect\/int_/.test(pathname) ? (searchParams.get('code') ?? undefined) : undefined;

function ofReconnect(url: URL): Secret[] {
  const value = reconnectCode(url);
  return value === undefined ? [] : [{ kind: 'reconnect code', value }];
}

function ofAnswer({ responseBody, requestBody }: Exchange, url: URL): Secret[] {
  const found = ofJson(responseBody, url);
  const code = /^\/s\/([\w-]+)/.exec(url.pathname)?.[1];
  if (code !== undefined) found.push({ kind: 'link code', value: code });
  if (url.pathname.startsWith('/webhooks/')) {
    found.push({ kind: 'webhook body', value: requestBody });
  }
  return found;
}

function ofJson(body: Buffer, { pathname }: URL): Secret[] {
  const found: Secret[] = [];
  try {
    JSON.parse(body.toString(), (name, value: unknown) => {
      if (typeof value !== 'string') return value;
      const link = /\/s\/([\w-]{20,})$/.exec(value)?.[1];
      if (name === 'url' && link !== undefined) found.push({ kind: 'link code', value: link });
      if (name === 'reconnectUrl' && URL.canParse(value))
        found.push(...ofReconnect(new URL(value)));
      // An error has a code, too.
      const kind = name === 'code' || name === 'state' ? undefined : ofFields[name];
      if (kind !== undefined) found.push({ kind, value });
      if (name === 'token' && pathname === '/v1/sessions') {
        found.push({ kind: 'session token', value });
      }
      if (name === 'secret') {
        const forWebhooks = pathname.endsWith('/webhook-secrets');
        found.push({ kind: forWebhooks ? 'webhook secret' : 'destination secret', value });
      }
      return value;
    });
  } catch {
    // No JSON, no fields.
  }
  return found;
}
