import type { Socket } from 'node:net';
import { createDestinationAgent } from '../../../src/destinations/agent';
import { forward } from '../../../src/handlers/forward/forward';
import { sendOnce } from '../../../src/lib/http/send-once';
import { setUp } from '../../handlers/authorizing';
import { forwardOptions, requestTo } from '../../handlers/forward/forwarding';
import { closeServers, tcpServer } from '../../handlers/loopback';
import { openOutgoing, openRules } from '../../support/connections';

const agent = createDestinationAgent(openRules);

afterEach(closeServers);
afterAll(() => agent.destroy());

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\nretry-after: 9\r\n\r\n';
const processing = 'HTTP/1.1 102 Processing\r\n\r\n';

/** Answers every request on a connection with these bytes; `split`: each in a packet of its own. */
function server(bytes: string, split = false): Promise<string> {
  return tcpServer((socket) => {
    let received = '';
    socket.setNoDelay(true).on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      received = '';
      if (split) writeEach(socket, bytes);
      else socket.write(bytes);
    });
  });
}

function writeEach(socket: Socket, bytes: string, index = 0): void {
  if (index === bytes.length || socket.destroyed) return;
  socket.write(bytes.charAt(index), () => setImmediate(() => writeEach(socket, bytes, index + 1)));
}

/** All who ask somebody else's server: for tokens, with a webhook, in a handler. */
const askers: Record<string, (origin: string) => Promise<unknown>> = {
  'a request to a provider': async (origin) => {
    const answer = await sendOnce({
      ...{ method: 'POST', url: `${origin}/token`, headers: {}, body: 'a=b' },
      connect: openOutgoing.connect,
      signal: AbortSignal.timeout(5_000),
    });
    if (answer.kind === 'failed') throw new Error(answer.code);
    expect(answer.retryAfterMs).toBeUndefined();
    return [answer.status, answer.body.toString()];
  },
  'a forward': async (origin) => {
    const result = await forward(requestTo(origin), forwardOptions(agent));
    if (result.kind !== 'handled') throw new Error(result.kind);
    return [result.status, result.answer];
  },
  'ctx.fetch': async (origin) => {
    const answer = await setUp([origin]).authorizedFetch(origin, { method: 'POST', body: 'a=b' });
    return [answer.status, await answer.text()];
  },
};

describe.each(Object.entries(askers))('%s', (_who, ask) => {
  test.each([
    ['a 100', goOn],
    ['several', goOn.repeat(3)],
    ['other kinds, with headers', hints + goOn + processing + hints],
    ['none', ''],
  ])('gets the answer that comes after %s', async (_what, interim) => {
    const origin = await server(interim + ok);
    // Once more: the connection may have been kept.
    expect([await ask(origin), await ask(origin)]).toEqual([
      [200, 'ok'],
      [200, 'ok'],
    ]);
  });

  test('gets it byte by byte', async () => {
    expect(await ask(await server(goOn + hints + goOn + ok, true))).toEqual([200, 'ok']);
  });

  test('does not take a switch of protocols for an answer to come', async () => {
    const switching =
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n';
    await expect(ask(await server(switching + ok))).rejects.toThrow();
  });

  test('fails where only an interim answer comes', async () => {
    const origin = await tcpServer((socket) => socket.once('data', () => socket.end(goOn)));
    await expect(ask(origin)).rejects.toThrow();
  });
});
