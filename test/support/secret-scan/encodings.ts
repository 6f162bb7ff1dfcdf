import { shortestSecretBytes } from '../recorder/record';

/** Fewer different bytes are a filling such as `xxxx…`, not a secret. */
const fewestDifferentBytes = 5;

/**
 * The ways in which a secret may have been written: as it is, in JSON, in JSON within JSON, in an
 * address, in hexadecimal, and in Base64 wherever in a longer text it stood.
 */
export function encodings(secret: Buffer): Buffer[] {
  const text = secret.toString();
  const isText = Buffer.from(text).equals(secret);
  const ways = [secret, Buffer.from(secret.toString('hex')), ...base64Within(secret)];
  if (isText) {
    const json = JSON.stringify(text).slice(1, -1);
    const form = new URLSearchParams([['', text]]).toString().slice(1);
    const others = [json, JSON.stringify(json).slice(1, -1), encodeURIComponent(text), form];
    ways.push(...others.map((way) => Buffer.from(way)));
  } else {
    ways.push(Buffer.from(secret.toString('base64')), Buffer.from(secret.toString('base64url')));
  }
  const different = new Map(ways.map((way) => [way.toString('latin1'), way]));
  return [...different.values()].filter(
    (way) => way.length >= shortestSecretBytes && new Set(way).size >= fewestDifferentBytes,
  );
}

/**
 * The characters that depend on the secret alone, for each of the three places that its first byte
 * can have in a group (RFC 4648 section 4), in both alphabets.
 */
function base64Within(secret: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), secret]);
    const whole = padded.length - (padded.length % 3);
    const skipped = before === 0 ? 0 : 4;
    return (['base64', 'base64url'] as const).map((alphabet) =>
      Buffer.from(padded.subarray(0, whole).toString(alphabet).slice(skipped)),
    );
  });
}
