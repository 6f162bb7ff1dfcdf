import { isUtf8 } from 'node:buffer';
import {
  brotliDecompressSync,
  constants,
  crc32,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
} from 'node:zlib';

/** A sender that packs more than once is rare; each time costs a pass over the body. */
const maxCodings = 4;

/**
 * Unpacks a body, at once: pass a few hundred KB at most. What is plain text stays as it is, whatever it says of
 * itself, and so does what is packed in an unknown way.
 *
 * @param encoding the header `Content-Encoding` (RFC 9110 section 8.4)
 * @param limits.maxOutputLength what unpacks to more is an error
 * @param limits.isPrefix the end may be missing
 * @throws Error where it is damaged, packed too often, or too large (`ERR_BUFFER_TOO_LARGE`)
 */
export function decompress(
  bytes: Buffer,
  encoding: string | undefined,
  limits: { maxOutputLength: number; isPrefix?: boolean },
): Buffer {
  // Bytes of text pass for raw deflate or brotli by chance, and come out as anything.
  if (beginsLikeText(bytes) && isUtf8(bytes)) return bytes;
  const applied = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (applied.length > maxCodings) throw new Error('The body is packed too often.');
  return applied.reverse().reduce((packed, name) => {
    try {
      return decode(packed, name, limits);
    } catch (error) {
      if (isTooLarge(error) || !beginsLikeText(packed)) throw error;
      return packed;
    }
  }, bytes);
}

export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

/** JSON, a form, a page or a word, after blanks or a byte order mark. */
function beginsLikeText(bytes: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?[ \t\r\n]*[{[<A-Za-z]/.test(bytes.toString('latin1'));
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
    case 'gzip':
    case 'x-gzip':
      return gunzip(bytes, zlib);
    case 'deflate':
      // With zlib's header as it should be, or without, as some send it.
      return hasZlibHeader(bytes) ? inflateSync(bytes, zlib) : inflateRawSync(bytes, zlib);
    case 'br':
      return brotliDecompressSync(bytes, {
        maxOutputLength,
        ...(isPrefix ? { finishFlush: constants.BROTLI_OPERATION_FLUSH } : {}),
      });
    default:
      return bytes;
  }
}

/** What follows a whole member and is none itself (a newline, a warning) is passed over, as browsers do. */
function gunzip(bytes: Buffer, options: ZlibOptions): Buffer {
  try {
    return gunzipSync(bytes, options);
  } catch (error) {
    if (isTooLarge(error) || bytes.length < gzipHeaderBytes || bytes[3] !== 0) throw error;
    const first = inflateRawSync(bytes.subarray(gzipHeaderBytes), options);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(first));
    trailer.writeUInt32LE(first.length, 4);
    if (!bytes.includes(trailer, gzipHeaderBytes)) throw error;
    return first;
  }
}

/** RFC 1952 section 2.3, without the fields that a flag announces. */
const gzipHeaderBytes = 10;

/** RFC 1950 section 2.2. */
function hasZlibHeader([cmf = 0, flags = 0]: Buffer): boolean {
  return (cmf & 0x0f) === 8 && (cmf * 256 + flags) % 31 === 0;
}
