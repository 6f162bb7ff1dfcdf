import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Type } from 'typebox';
import { createApiClient } from '../../src/cli/api-client';
import type { CommandError } from '../../src/cli/command';
import { freePort } from '../support/processes/free-port';
import { markProxy } from '../support/recorder/server-roles';

const answer = Type.Object({ asked: Type.String(), as: Type.String() });
let server: Server;
let url: string;
let cwd: string;
let nobodys: number;

beforeAll(async () => {
  cwd = mkdtempSync(path.join(tmpdir(), 'holdfast-cli-'));
  nobodys = await freePort();
  server = createServer((request, response) => {
    const { url: asked = '', headers } = request;
    const status = Number(/^\/(\d{3})/.exec(asked)?.[1] ?? 200);
    const code = /\/as\/(\w+)$/.exec(asked)?.[1] ?? 'some';
    const message = status === 409 ? 'No\u001b[2J\nholdfast: yes' : `A sentence about ${status}.`;
    const error = { error: { code, message } };
    response.statusCode = status;
    if (status === 302) response.setHeader('location', '/elsewhere');
    const body = status < 400 ? { asked, as: headers.authorization } : error;
    response.end(asked === '/text' ? '<html>' : status === 204 ? '' : JSON.stringify(body));
  });
  // It stands for a gateway: keys are sent to it.
  markProxy(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

const ask = (env: Record<string, string>, at: string) =>
  createApiClient(env, cwd).call(answer, 'GET', at);

describe('the API as the command asks it', () => {
  it('goes to HOLDFAST_URL as HOLDFAST_API_KEY', async () => {
    const env = { HOLDFAST_URL: `${url}/`, HOLDFAST_API_KEY: 'a-key', PORT: '1' };
    expect(await ask(env, '/v1/keys')).toEqual({ asked: '/v1/keys', as: 'Bearer a-key' });
    const client = createApiClient(env, cwd);
    expect(await client.call(Type.Null(), 'DELETE', '/204')).toBeNull();
  });

  it('goes to this machine, as the key that a start has made, where nothing is set', async () => {
    writeFileSync(path.join(cwd, 'api-key'), 'made-at-the-start\n');
    const env = { PORT: new URL(url).port, HOLDFAST_DATA_DIR: '.' };
    expect(createApiClient(env, cwd).url).toBe(`http://localhost:${new URL(url).port}`);
    const there = { ...env, HOLDFAST_URL: url };
    expect(await ask(there, '/')).toMatchObject({ as: 'Bearer made-at-the-start' });
    const keys = { HOLDFAST_API_KEYS: 'one-of-two,another', HOLDFAST_DATA_DIR: 'nowhere' };
    const here = { ...keys, PORT: new URL(url).port };
    expect(await ask(here, '/')).toMatchObject({ as: 'Bearer one-of-two' });
    // It may be somebody else's, and they may do everything.
    expect(() => createApiClient({ ...keys, HOLDFAST_URL: url }, cwd)).toThrow(
      'There is no API key',
    );
  });

  const key = () => ({ HOLDFAST_URL: url, HOLDFAST_API_KEY: 'a-key' });
  it.each([
    ['a refused key', key, '/401', 4, /refuses the API key in HOLDFAST_API_KEY: A sentence/],
    ['a key that may not', key, '/403', 4, /^A sentence about 403\.$/],
    ['anything else that is wrong', key, '/422', 1, /^A sentence about 422\.$/],
    ['what would steer the terminal', key, '/409', 1, /^No\\u001b\[2J\\u000aholdfast: yes$/],
    ['what is not there', key, '/404/as/key_not_found', 1, /^A sentence about 404\.$/],
    [
      'an address without Holdfast',
      key,
      '/404/as/not_found',
      3,
      /:\d+ is not .* Is HOLDFAST_URL r/,
    ],
    ['an address of another server', key, '/404/as/page_not_found', 3, /Is HOLDFAST_URL right/],
    ['another server', key, '/text', 3, /is not Holdfast's API/],
    ['a redirect, which the key does not follow', key, '/302', 3, /Is HOLDFAST_URL right/],
    ['no key', () => ({ HOLDFAST_URL: url }), '/', 4, /set HOLDFAST_API_KEY/],
    [
      'a key that no header holds',
      () => ({ ...key(), HOLDFAST_API_KEY: 'schlüssel' }),
      '/',
      4,
      /character/,
    ],
    [
      'nobody there',
      () => ({ ...key(), HOLDFAST_URL: `http://localhost:${nobodys}` }),
      '/',
      3,
      /^Nothing listens at http:\/\/localhost:\d+; is `npm start` running\?$/,
    ],
    [
      'an address without TLS',
      () => ({ ...key(), HOLDFAST_URL: url.replace('http:', 'https:') }),
      '/',
      3,
      /does not answer at https:\S+ \([^\\]*(SSL|packet length)[^\\]*\)\. Is it running/,
    ],
    [
      'a port that nothing is asked at',
      () => ({ ...key(), HOLDFAST_URL: 'http://127.0.0.1:1' }),
      '/',
      3,
      /does not answer at http:\/\/127\.0\.0\.1:1 \(bad port\)\. Is it running/,
    ],
  ])('ends for %s with a sentence and an exit code', async (_what, env, at, exitCode, message) => {
    const error = await Promise.resolve()
      .then(() => ask(env(), at))
      .then(
        () => undefined,
        (thrown: unknown) => thrown as CommandError,
      );
    expect(error).toMatchObject({ name: 'CommandError', exitCode });
    expect(error?.message).toMatch(message);
  });

  it('says which variables are not known: a mistyped one may be where it was to go', () => {
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    createApiClient({ ...key(), HOLDFAST_URLL: 'http://elsewhere' }, cwd);
    const lines = said.mock.calls.map(([line]) => line);
    said.mockRestore();
    expect(lines).toEqual([
      'holdfast: HOLDFAST_URLL is not known, and is ignored. Did you mean HOLDFAST_URL?\n',
    ]);
  });

  it('refuses an address with a password, and prints neither', () => {
    const secret = 'password-of-a-test';
    const env = { ...key(), HOLDFAST_URL: url.replace('://', `://somebody:${secret}@`) };
    const ends = () => createApiClient(env, cwd);
    expect(ends).toThrow('HOLDFAST_URL: it holds a user or a password; allowed:');
    expect(ends).not.toThrow(new RegExp(secret));
  });
});
