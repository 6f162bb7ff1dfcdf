import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { sendOnce } from '../../../src/lib/http/send-once';
import { closeServers, httpServer } from '../../handlers/loopback';
import { openOutgoing } from '../../support/connections';

afterEach(closeServers);

const text = JSON.stringify({ id: 'ä'.repeat(500) });

const gzipped = (times: number): Buffer =>
  times === 0 ? Buffer.from(text) : gzipSync(gzipped(times - 1));

async function ask(body: Buffer | string, encoding?: string | string[]) {
  const { origin, received } = await httpServer((response) => {
    if (encoding !== undefined) response.setHeader('content-encoding', encoding);
    response.end(body);
  });
  const signal = AbortSignal.timeout(5_000);
  const { connect } = openOutgoing;
  const answer = await sendOnce({ method: 'GET', url: origin, headers: {}, connect, signal });
  expect(received[0]?.headers['accept-encoding']).toBe('identity');
  return answer.kind === 'answered' ? answer.body.toString() : answer;
}

test.each<[string, Buffer]>([
  ['gzip', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['GZIP', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['br', brotliCompressSync(text)],
  ['identity', Buffer.from(text)],
  ['gzip, br', brotliCompressSync(gzipSync(text))],
  ['gzip', Buffer.concat([gzipSync(text), Buffer.from('\n')])],
  ['gzip', Buffer.concat([gzipSync(text), Buffer.from('<!-- served -->')])],
])('an answer that nobody wanted packed is unpacked: %s', async (encoding, body) => {
  expect(await ask(body, encoding)).toBe(text);
});

test('a byte order mark is passed over, and packed nothing is nothing', async () => {
  expect(await ask(`\ufeff${text}`)).toBe(text);
  expect(await ask(gzipSync(`\ufeff${text}`), 'gzip')).toBe(text);
  expect(await ask('', 'gzip')).toBe('');
});

test.each(['utf-8', 'none', 'binary', 'zstd', 'gzip', 'deflate', 'br', Array(5).fill('br').join()])(
  'plain text that calls itself %s is read as it is',
  async (encoding) => {
    for (const plain of [text, ` [${text}]`, 'invalid_grant', 'error=invalid_grant']) {
      expect(await ask(plain, encoding)).toBe(plain);
    }
    const latin = Buffer.from('{"name":"ä"}', 'latin1');
    expect(await ask(latin, encoding)).toBe(latin.toString());
  },
);

test.each<[string, string, Buffer]>([
  ['damaged', 'gzip', gzipSync(text).subarray(0, 20)],
  ['damaged in the middle', 'gzip', Buffer.from(gzipSync(text).fill(0, 20, 24))],
  ['packed in an unknown way', 'zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4])],
  ['packed too often', 'gzip, gzip, gzip, gzip, gzip', gzipped(5)],
])('an answer that is %s is one nevertheless', async (_what, encoding, body) => {
  expect(await ask(body, encoding)).toBe(body.toString());
});

const megabytes = Buffer.alloc(4 * 1024 * 1024);

test.each<[string, string, Buffer, string]>([
  ['a bomb', 'gzip', gzipSync(megabytes), 'answer_too_large'],
  ['a bomb', 'deflate', deflateRawSync(megabytes), 'answer_too_large'],
  ['a bomb', 'br', brotliCompressSync(megabytes), 'answer_too_large'],
  ['too long', 'identity', megabytes.subarray(0, 300_000), 'answer_too_large'],
])('an answer that is %s (%s) is none', async (_what, encoding, body, code) => {
  expect(await ask(body, encoding)).toEqual({ kind: 'failed', code, sent: true });
});
