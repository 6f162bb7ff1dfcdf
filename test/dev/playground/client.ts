import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomToken, sha256 } from '../../../src/crypto/hash';
import { type Playground, startPlayground } from '../../../src/dev/playground/start';
import { createLog } from '../../../src/lib/log';

export const apiKey = 'test-key-of-more-than-thirty-two-characters';

const releases: (() => unknown)[] = [];

/** Ends what a test has started; for `afterEach`. */
export async function releaseAll(): Promise<void> {
  for (const release of releases.splice(0).reverse()) await release();
}

export function newDataDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'holdfast-playground-'));
  chmodSync(dir, 0o711);
  releases.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Settings {
  dataDir?: string;
  holdfastUrl?: string;
  accessTokenSeconds?: number;
}

export async function play({ dataDir = newDataDir(), ...settings }: Settings = {}): Promise<
  Playground & { close(): Promise<void> }
> {
  const playground = await startPlayground({
    host: '127.0.0.1',
    port: 0,
    holdfastUrl: 'http://localhost:3000',
    apiKey,
    dataDir,
    log: createLog('silent'),
    ...settings,
  });
  releases.push(() => playground.close());
  return playground;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

export async function ask(address: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(address, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, text, json };
}

export const post = (address: string, form: Record<string, string>, headers = {}) =>
  ask(address, { method: 'POST', body: new URLSearchParams(form), headers });

/** What a client of the playground knows and does. */
export function clientOf({ url, provider }: Playground, holdfastUrl = 'http://localhost:3000') {
  const { clientId = '', clientSecret = '' } = provider.oauth ?? {};
  const basic = { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` };
  const redirectUri = `${holdfastUrl}/oauth/playground/callback`;
  const codeVerifier = randomToken(32);
  const authorization = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state: 'the-state',
    code_challenge: sha256(codeVerifier).toString('base64url'),
    code_challenge_method: 'S256',
  };
  const consent = (form: Record<string, string> = {}) =>
    post(
      `${url}/oauth/authorize`,
      { ...authorization, account: 'ada', decision: 'allow', ...form },
      { origin: url },
    );
  const token = (form: Record<string, string>, headers: Record<string, string> = basic) =>
    post(`${url}/oauth/token`, form, headers);
  const exchange = async (changes: Record<string, string> = {}) => {
    const { headers } = await consent();
    const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
    const form = { code, redirect_uri: redirectUri, code_verifier: codeVerifier, ...changes };
    return { form, answer: await token({ grant_type: 'authorization_code', ...form }) };
  };
  const connect = async () => tokensOf((await exchange()).answer);
  const refresh = (refreshToken: string) =>
    token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const me = (accessToken: string) =>
    ask(`${url}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  return {
    ...{ clientId, clientSecret, authorization, basic, consent, token, exchange, connect },
    ...{ refresh, me },
  };
}

export function tokensOf({ json }: Reply): { access: string; refresh: string } {
  return { access: String(json['access_token']), refresh: String(json['refresh_token']) };
}
