import http from 'node:http';
import net from 'node:net';
import { refreshTokens } from '../../../src/oauth/refresh';
import { acme, closedPort, closeServers, listen, serve } from '../loopback';
import { refresh, refreshToken, transient } from './refresh-once';

afterEach(closeServers);

describe('a look at the clock just before sending', () => {
  it('calls the attempt off with the connection open and not a byte sent', async () => {
    let bytes = 0;
    const server = net.createServer();
    const ended = new Promise((resolve) => {
      server.on('connection', (socket) => {
        socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('close', resolve);
      });
    });
    const { port } = await listen(server);
    const beforeSend = () => {
      throw new Error('too late');
    };
    const provider = acme(`http://127.0.0.1:${String(port)}`);
    expect(await refresh(provider, { beforeSend })).toEqual(transient('called_off'));
    await ended;
    expect(bytes).toBe(0);
  });

  it('comes once, and not at all where nothing could be sent', async () => {
    let looks = 0;
    const beforeSend = () => void (looks += 1);
    expect(
      await refresh(acme(`http://127.0.0.1:${String(await closedPort())}`), { beforeSend }),
    ).toEqual(transient('connection_refused'));
    expect(looks).toBe(0);
    const server = await serve((response) => response.end('{"access_token":"a"}'));
    await refresh(acme(`http://127.0.0.1:${String(server.port)}`), { beforeSend });
    expect(looks).toBe(1);
  });
});

it('parameters that do not match their declaration are a fault of ours, and nothing is sent', async () => {
  const server = await serve((response) => response.end('{}'));
  const provider = acme(`http://127.0.0.1:${String(server.port)}`, {
    tokenUrl: `http://127.0.0.1:${String(server.port)}/{shop}/token`,
    parameters: { shop: /^[a-z]+$/ },
  });
  const request = { refreshToken, unansweredBefore: false };
  const options = { signal: AbortSignal.timeout(5_000) };
  const fault = { kind: 'transient', code: 'invalid_parameters', unanswered: false };
  expect(await refreshTokens(provider, request, options)).toEqual(fault);
  const evil = { ...request, parameters: { shop: '../evil' } };
  expect(await refreshTokens(provider, evil, options)).toEqual(fault);
  expect(server.connections).toBe(0);
  await refreshTokens(provider, { ...request, parameters: { shop: 'mine' } }, options);
  expect(server.requests.map(({ url }) => url)).toEqual(['/mine/token']);
});

it('a hundred refreshes leave no connection behind', async () => {
  let live = 0;
  const server = http.createServer((_request, response) => response.end('{"access_token":"a"}'));
  const allClosed = new Promise<void>((resolve) => {
    let closed = 0;
    server.on('connection', (socket) => {
      live += 1;
      socket.on('close', () => {
        live -= 1;
        closed += 1;
        if (closed === 100) resolve();
      });
    });
  });
  const provider = acme(`http://127.0.0.1:${String((await listen(server)).port)}`);
  const request = { refreshToken, unansweredBefore: false };
  await Promise.all(
    Array.from({ length: 100 }, () =>
      refreshTokens(provider, request, { signal: AbortSignal.timeout(10_000) }),
    ),
  );
  await allClosed;
  expect(live).toBe(0);
});
