import net from 'node:net';
import tls from 'node:tls';
import { acme, closedPort, closeServers, listen, serve } from '../loopback';
import { refresh, transient } from './refresh-once';

afterEach(closeServers);

describe('S30 with no answer at all', () => {
  const at = (port: number, scheme = 'http') => acme(`${scheme}://127.0.0.1:${String(port)}`);
  const unanswered = (code: string) => transient(code, { unanswered: true });

  it('a refused connection has sent nothing', async () => {
    expect(await refresh(at(await closedPort()))).toEqual(transient('connection_refused'));
  });

  it('a name that does not resolve has sent nothing', async () => {
    expect(await refresh(acme('https://token.invalid'))).toEqual(transient('dns'));
  });

  it('a server without TLS has been sent nothing', async () => {
    const plain = await serve((response) => response.end('{}'));
    expect(await refresh(at(plain.port, 'https'))).toEqual(transient('tls'));
    expect(plain.requests).toHaveLength(0);
  });

  it('a failed TLS handshake has sent nothing', async () => {
    const server = await listen(tls.createServer({}));
    expect(await refresh(at(server.port, 'https'))).toEqual(transient('tls'));
    expect(server.connections).toBe(1);
  });

  it('a TLS handshake that hangs has sent nothing', async () => {
    const server = await listen(net.createServer());
    const outcome = await refresh(at(server.port, 'https'), { timeoutMs: 200 });
    expect(outcome).toEqual(transient('timeout'));
    expect(server.connections).toBe(1);
  });

  it('a hang-up after the request leaves it unanswered', async () => {
    const server = await listen(net.createServer((s) => s.once('data', () => s.end())));
    expect(await refresh(at(server.port))).toEqual(unanswered('connection_lost'));
    expect(server.connections).toBe(1);
  });

  it('a reset after the request leaves it unanswered', async () => {
    const server = await listen(net.createServer((s) => s.once('data', () => s.resetAndDestroy())));
    expect(await refresh(at(server.port))).toEqual(unanswered('connection_lost'));
    expect(server.connections).toBe(1);
  });

  it('an answer that is cut off leaves it unanswered', async () => {
    const server = await serve((response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"access_token":"the-token"', () => response.destroy());
    });
    expect(await refresh(at(server.port))).toEqual(unanswered('connection_lost'));
  });

  it('an answer that is not HTTP leaves it unanswered', async () => {
    const server = await listen(
      net.createServer((s) => s.once('data', () => s.end('SSH-2.0-Elsewhere\r\n'))),
    );
    expect(await refresh(at(server.port))).toEqual(unanswered('unreadable_answer'));
  });

  it('an answer that never ends is given up, and leaves it unanswered', async () => {
    const server = await serve((response) => {
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), () => setImmediate(more));
      };
      more();
    });
    expect(await refresh(at(server.port))).toEqual(unanswered('answer_too_large'));
  });

  it('a hang after the request is a timeout, and leaves it unanswered', async () => {
    const server = await serve(() => undefined);
    expect(await refresh(at(server.port), { timeoutMs: 300 })).toEqual(unanswered('timeout'));
    expect(server.requests).toHaveLength(1);
  });

  it('an abort after the request leaves it unanswered, one before has sent nothing', async () => {
    const abort = new AbortController();
    const server = await serve(() => abort.abort());
    const { signal } = abort;
    expect(await refresh(at(server.port), { signal })).toEqual(unanswered('aborted'));
    expect(await refresh(at(server.port), { signal })).toEqual(transient('aborted'));
    expect(server.connections).toBe(1);
  });
});
