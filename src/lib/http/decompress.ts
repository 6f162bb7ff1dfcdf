import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';

/**
 * Unpacks a body, at once: pass a few hundred KB at most.
 *
 * @param encoding the header `Content-Encoding` (RFC 9110 section 8.4)
 * @param limits.maxOutputLength what unpacks to more is an error
 * @param limits.isPrefix the end may be missing
 * @throws Error where it is damaged or too large (`ERR_BUFFER_TOO_LARGE`), or the encoding is unknown
 */
export function decompress(
  bytes: Buffer,
  encoding: string | undefined,
  limits: { maxOutputLength: number; isPrefix?: boolean },
): Buffer {
  const applied = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  return applied.reverse().reduce((packed, name) => decode(packed, name, limits), bytes);
}

function decode(
  bytes: Buffer,
  encoding: string,
  { maxOutputLength, isPrefix = false }: { maxOutputLength: number; isPrefix?: boolean },
): Buffer {
  // Whatever it says of itself, there is nothing to unpack.
  if (bytes.length === 0) return bytes;
  const zlib = {
    maxOutputLength,
    ...(isPrefix ? { finishFlush: constants.Z_SYNC_FLUSH } : {}),
  };
  switch (encoding) {
    case 'identity':
    case '':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, zlib);
    case 'deflate':
      // With zlib's header as it should be, or without, as some send it.
      return hasZlibHeader(bytes) ? inflateSync(bytes, zlib) : inflateRawSync(bytes, zlib);
    case 'br':
      return brotliDecompressSync(bytes, {
        maxOutputLength,
        ...(isPrefix ? { finishFlush: constants.BROTLI_OPERATION_FLUSH } : {}),
      });
    default:
      throw new Error('The content encoding is unknown.');
  }
}

/** RFC 1950 section 2.2. */
function hasZlibHeader([cmf = 0, flags = 0]: Buffer): boolean {
  return (cmf & 0x0f) === 8 && (cmf * 256 + flags) % 31 === 0;
}
