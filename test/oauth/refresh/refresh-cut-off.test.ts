import https from 'node:https';
import net from 'node:net';
import { acme, closeServers, listen, serve } from '../loopback';
import { refresh, transient } from './refresh-once';
import { selfSigned } from '../../support/doubles/self-signed';

afterEach(closeServers);

const provider = (port: number, scheme: string) => acme(`${scheme}://127.0.0.1:${String(port)}`);

describe('S30 what ends before the request was sent leaves nothing unanswered', () => {
  it.each<[string, (socket: net.Socket) => void]>([
    ['a reset at the connection', (socket) => socket.resetAndDestroy()],
    ['a reset in the handshake', (socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['a hang-up in the handshake', (socket) => socket.once('data', () => socket.end())],
  ])('%s', async (_what, behave) => {
    const server = await listen(net.createServer(behave));
    const outcome = await refresh(provider(server.port, 'https'));
    expect(outcome).toEqual(transient('connection_lost'));
    expect(server.connections).toBe(1);
  });

  it('a certificate that nobody vouches for', async () => {
    let requests = 0;
    const tls = await listen(
      https.createServer(selfSigned(), (_request, response) => {
        requests += 1;
        response.end('{"access_token":"the-token"}');
      }),
    );
    expect(await refresh(provider(tls.port, 'https'))).toEqual(transient('tls'));
    expect({ requests, connections: tls.connections }).toEqual({ requests: 0, connections: 1 });
  });
});

describe('S36 what ends after the request was sent leaves it unanswered', () => {
  const headers = { 'content-type': 'application/json' };
  const cut = '{"access_token":"the-token","refresh_token":"the-';

  it('a chunked answer without its end', async () => {
    const server = await serve((response) => {
      response.writeHead(200, headers);
      response.write(cut, () => response.destroy());
    });
    const outcome = await refresh(provider(server.port, 'http'));
    expect(outcome).toEqual(transient('unreadable_answer', { unanswered: true }));
  });

  it('an answer that hangs in the middle', async () => {
    const server = await serve((response) => void response.writeHead(200, headers).write(cut));
    const outcome = await refresh(provider(server.port, 'http'), { timeoutMs: 400 });
    expect(outcome).toEqual(transient('timeout', { unanswered: true }));
    expect(server.requests).toHaveLength(1);
  });

  it('headers without a body', async () => {
    const server = await listen(
      net.createServer((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n')),
      ),
    );
    const lost = transient('connection_lost', { unanswered: true });
    expect(await refresh(provider(server.port, 'http'))).toEqual(lost);
  });
});
