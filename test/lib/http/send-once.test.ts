import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { sendOnce } from '../../../src/lib/http/send-once';
import { closeServers, httpServer } from '../../handlers/loopback';

afterEach(closeServers);

const text = JSON.stringify({ id: 'ä'.repeat(500) });

async function ask(body: Buffer | string, encoding?: string | string[]) {
  const { origin, received } = await httpServer((response) => {
    if (encoding !== undefined) response.setHeader('content-encoding', encoding);
    response.end(body);
  });
  const signal = AbortSignal.timeout(5_000);
  const answer = await sendOnce({ method: 'GET', url: origin, headers: {}, signal });
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
])('an answer that nobody wanted packed is unpacked: %s', async (encoding, body) => {
  expect(await ask(body, encoding)).toBe(text);
});

test('a byte order mark is passed over, and packed nothing is nothing', async () => {
  expect(await ask(`\ufeff${text}`)).toBe(text);
  expect(await ask(gzipSync(`\ufeff${text}`), 'gzip')).toBe(text);
  expect(await ask('', 'gzip')).toBe('');
});

const megabytes = Buffer.alloc(4 * 1024 * 1024);

test.each<[string, string, Buffer, string]>([
  ['damaged', 'gzip', gzipSync(text).subarray(0, 20), 'unreadable_answer'],
  ['not what it says', 'br', Buffer.from(text), 'unreadable_answer'],
  ['packed in an unknown way', 'zstd', Buffer.from(text), 'unreadable_answer'],
  ['a bomb', 'gzip', gzipSync(megabytes), 'answer_too_large'],
  ['a bomb', 'deflate', deflateRawSync(megabytes), 'answer_too_large'],
  ['a bomb', 'br', brotliCompressSync(megabytes), 'answer_too_large'],
  ['too long', 'identity', megabytes.subarray(0, 300_000), 'answer_too_large'],
])('an answer that is %s (%s) is none', async (_what, encoding, body, code) => {
  expect(await ask(body, encoding)).toEqual({ kind: 'failed', code, sent: true });
});
