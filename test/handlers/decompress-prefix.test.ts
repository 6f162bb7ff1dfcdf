import { randomBytes } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { decompressPrefix } from '../../src/handlers/attempt-result';

const packers = {
  gzip: gzipSync,
  'X-GZIP': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
};

describe.each(Object.entries(packers))('%s', (encoding, pack) => {
  test('a short body is unpacked as a whole', () => {
    expect(decompressPrefix(pack('no such contact'), encoding).toString()).toBe('no such contact');
  });

  test('of a long one whose end is missing, the beginning', () => {
    const text = `no such contact ${randomBytes(6_000).toString('hex')}`;
    const beginning = decompressPrefix(pack(text).subarray(0, 2_048), encoding).toString();
    expect(beginning.length).toBeGreaterThan(500);
    expect(text.startsWith(beginning)).toBe(true);
  });

  test('a bomb and junk are nothing', () => {
    const bomb = pack(Buffer.alloc(64 * 1024 * 1024)).subarray(0, 64 * 1024);
    expect(decompressPrefix(bomb, encoding)).toHaveLength(0);
    expect(decompressPrefix(Buffer.alloc(16, 0xff), encoding)).toHaveLength(0);
  });
});

test('what is not packed stays as it is, whatever it says of itself', () => {
  expect(decompressPrefix(Buffer.from('text'), undefined).toString()).toBe('text');
  expect(decompressPrefix(Buffer.from('text'), 'Identity').toString()).toBe('text');
  for (const encoding of ['zstd', ...Object.keys(packers)]) {
    expect(decompressPrefix(Buffer.from('text'), encoding).toString()).toBe('text');
  }
});
