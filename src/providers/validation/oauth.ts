import type { OAuthDeclaration } from '../provider';
import { address, jsonPointer, origin } from './address';
import {
  asObject,
  boolean,
  both,
  filledWith,
  header,
  headers,
  integer,
  isText,
  listOf,
  mapOf,
  must,
  object,
  oneOf,
  oneOrMore,
  refuseUnknown,
  text,
  type Check,
} from './checks';
import { pattern } from './pattern';

/** A grant is not said to last longer than this, in seconds. */
const tenYears = 315_360_000;
const nameOfParameter = /^[A-Za-z][A-Za-z0-9_]*$/;

export const oauth: Check = (value, path, report) => {
  const given = asObject(value, path, report);
  if (given === undefined) return;
  const parameters = declaredParameters(given);
  const url = address(parameters);
  const shape: Record<keyof OAuthDeclaration, Check> = {
    issuer: url,
    authorizationUrl: url,
    tokenUrl: url,
    revocationUrl: url,
    revocation: revocation(parameters),
    clientId: text,
    clientSecret: text,
    clientAuthentication: oneOf('client_secret_basic', 'client_secret_post', 'none'),
    scopes: listOf(text),
    scopeSeparator: must('a comma or a space', (given) => given === ',' || given === ' '),
    pkce: boolean,
    authorizationParameters: mapOf(text),
    exchangeParameters: mapOf(text),
    tokenHeaders: both(headers, filledWith([...client, ...parameters])),
    tokenPointer: jsonPointer,
    errorPointer: oneOrMore(jsonPointer),
    requiredScopes: listOf(text),
    scopeLabels: mapOf(text),
    expiresInSeconds: integer(1, tenYears),
    refreshExpiresInSeconds: integer(1, tenYears),
    consentExpiresInSeconds: integer(1, tenYears),
    grantsPerAccount: integer(1, 1_000),
    parameters: mapOf(pattern),
    account: account(url, parameters),
    apiOrigins: listOf(origin(parameters)),
    tokenHeader: header,
  };
  object(shape, ['clientId'])(given, path, report);
  for (const name of parameters) {
    if (!nameOfParameter.test(name))
      report(
        `${path}.parameters.${name}`,
        'has a bad name; allowed are letters, digits and _, the first a letter',
      );
  }
  checkEndpoints(given, path, report);
  checkSecret(given, path, report);
  checkIdToken(given, path, report);
};

const client = ['clientId', 'clientSecret'];
const grant = ['token', 'refreshToken', 'accountId'];

/** @param parameters the ones that are declared */
function revocation(parameters: readonly string[]): Check {
  return object(
    {
      method: oneOf('POST', 'DELETE'),
      authentication: oneOf('client_secret_basic', 'access_token'),
      tokenMember: text,
      body: both(mapOf(text), filledWith([...client, ...grant, ...parameters])),
      format: oneOf('form', 'json'),
    },
    ['method', 'authentication'],
  );
}

const checkEndpoints: Check = (value, path, report) => {
  const given = value as Record<string, unknown>;
  const { issuer, authorizationUrl, tokenUrl } = given;
  if (given['revocation'] !== undefined && given['revocationUrl'] === undefined) {
    report(`${path}.revocationUrl`, 'is missing: "revocation" says how it is asked');
  }
  if (issuer !== undefined) return;
  if (authorizationUrl === undefined) report(`${path}.authorizationUrl`, 'or issuer is missing');
  if (tokenUrl === undefined) report(`${path}.tokenUrl`, 'or issuer is missing');
};

/** A secret from an environment variable that isn't set must not make a public client of it. */
const checkSecret: Check = (value, path, report) => {
  const given = value as Record<string, unknown>;
  const method = given['clientAuthentication'];
  const headers = asObject(given['tokenHeaders'] ?? {}, path, () => undefined) ?? {};
  const isShown = Object.values(headers).some(
    (inner) => isText(inner) && inner.includes('{clientSecret}'),
  );
  if (isShown && given['clientSecret'] === undefined) {
    report(`${path}.clientSecret`, 'is missing: "tokenHeaders" holds {clientSecret}');
    return;
  }
  const due = method === undefined ? 'clientSecret' in given : method !== 'none';
  if (due && given['clientSecret'] === undefined) {
    report(`${path}.clientSecret`, "is missing (without one: clientAuthentication: 'none')");
  }
};

const checkIdToken: Check = (value, path, report) => {
  const { account: source, issuer, scopes } = value as Record<string, unknown>;
  const usesIdToken = typeof source === 'object' && source !== null && 'idTokenClaim' in source;
  if (!usesIdToken) return;
  if (!isText(issuer)) report(`${path}.issuer`, 'is missing: an ID token is checked against it');
  if (!Array.isArray(scopes) || !scopes.includes('openid')) {
    report(`${path}.scopes`, 'must have openid, or there is no ID token');
  }
};

function declaredParameters(given: Record<string, unknown>): string[] {
  const { parameters } = given;
  return typeof parameters === 'object' && parameters !== null ? Object.keys(parameters) : [];
}

/**
 * An account comes from one of several places.
 * @param parameters the ones that are declared
 */
function account(url: Check, parameters: readonly string[]): Check {
  const labelPointer = jsonPointer;
  const pointer = oneOrMore(jsonPointer);
  const sources: Record<string, Check> = {
    url: object({ url, pointer, labelPointer }, ['pointer']),
    idTokenClaim: object({ idTokenClaim: text }),
    tokenResponsePointer: object({ tokenResponsePointer: pointer, labelPointer }),
    parameter: object({ parameter: oneOf(...parameters) }),
  };
  const known = [
    'url',
    'pointer',
    'labelPointer',
    'idTokenClaim',
    'tokenResponsePointer',
    'parameter',
  ];
  return (value, path, report) => {
    const given = asObject(value, path, report);
    if (given === undefined) return;
    const named = Object.keys(sources).filter((name) => given[name] !== undefined);
    const [name = ''] = named;
    if (named.length === 1) {
      sources[name]?.(given, path, report);
      return;
    }
    refuseUnknown(given, known, path, report);
    report(path, `must have one of ${Object.keys(sources).join(', ')}`);
  };
}
