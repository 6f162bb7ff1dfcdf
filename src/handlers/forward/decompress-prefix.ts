import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib';

/** Where little unpacks to more than this, nothing of it is shown. */
const maxOutputLength = 4 * 1024 * 1024;

const zlib = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength };
const brotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength };

/**
 * Unpacks the beginning of a body; its end may be missing. Pass a few KB at most: it is done at once.
 * @param encoding the header `Content-Encoding`
 * @returns nothing where it can't be unpacked
 */
export function unpackBeginning(bytes: Buffer, encoding: string | undefined): Buffer {
  try {
    switch (encoding?.trim().toLowerCase() ?? 'identity') {
      case 'identity':
      case '':
        return bytes;
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, zlib);
      case 'deflate':
        return inflateSync(bytes, zlib);
      case 'br':
        return brotliDecompressSync(bytes, brotli);
    }
  } catch {
    // Damaged, or a bomb.
  }
  return Buffer.alloc(0);
}
