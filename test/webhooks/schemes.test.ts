import { verifyWebhook } from '../../src/webhooks/verify';
import { nowMs, webhook } from './requests';
import { signers, type Signer } from './signers';

const body = Buffer.from('{"a":1}');
const timed = signers.filter(({ timestamp }) => timestamp !== undefined);
const stamp = ({ timestamp }: Signer, atMs = nowMs) => String(atMs / (timestamp?.unitMs ?? 1000));

type Change = (headers: [string, string][], signer: Signer) => [string, string][];

/** Only the header that holds the signature, which `make` makes of its prefix and the right one. */
const signature =
  (make: (prefix: string, right: string) => string): Change =>
  (headers, { signatureHeader, prefix }) =>
    headers.map(([name, value]) =>
      name === signatureHeader ? [name, make(prefix, value.slice(prefix.length))] : [name, value],
    );

async function verdict(
  signer: Signer,
  change: Change = (headers) => headers,
  secrets = signer.secrets.slice(0, 1),
) {
  const headers = change(signer.sign(signer.secrets[0], body, stamp(signer)), signer);
  const result = await verifyWebhook(signer.declaration, webhook(headers, body), secrets);
  return result.ok ? 'verified' : result.reason;
}

/** Another character in the middle of the signature, of the same alphabet. */
const flip = (text: string) => {
  const at = Math.floor(text.length / 2);
  return text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
};

describe.each(signers)('$name', (signer) => {
  test('S12 what the sender signs verifies', async () => {
    expect(await verdict(signer)).toBe('verified');
  });

  test.each<[string, Change, string]>([
    ['is wrong', signature((prefix, right) => prefix + flip(right)), 'wrong_signature'],
    [
      'is missing',
      (headers) => headers.filter(([name]) => name !== signer.signatureHeader),
      'missing_signature',
    ],
    ['is empty', signature(() => ''), 'missing_signature'],
    ['is short', signature((prefix, right) => prefix + right.slice(0, -4)), 'malformed_signature'],
    ['is long', signature((prefix, right) => `${prefix}${right}0000`), 'malformed_signature'],
    [
      'has characters of no alphabet',
      signature((prefix, right) => prefix + '!'.repeat(right.length)),
      'malformed_signature',
    ],
    [
      'is there twice',
      (headers) => [
        ...headers,
        ...headers
          .filter(([name]) => name === signer.signatureHeader)
          .map(([name, value]): [string, string] => [name.toUpperCase(), value]),
      ],
      'missing_signature',
    ],
  ])('S12 refused where the signature %s', async (_, change, reason) => {
    expect(await verdict(signer, change)).toBe(reason);
  });

  test('S12 refused without a secret, or with an empty one', async () => {
    expect(await verdict(signer, undefined, [])).toBe('no_secret');
    expect(await verdict(signer, undefined, [''])).toBe('no_secret');
  });

  test('S12 refused where the body is another one', async () => {
    const headers = signer.sign(signer.secrets[0], body, stamp(signer));
    const request = webhook(headers, '{"a":2}');
    expect(await verifyWebhook(signer.declaration, request, signer.secrets)).toEqual({
      ok: false,
      reason: 'wrong_signature',
    });
  });

  test('S15 during a rotation either secret passes, and a third one does not', async () => {
    const [first, second] = signer.secrets;
    expect(await verdict(signer, undefined, [second, first])).toBe('verified');
    expect(await verdict(signer, undefined, [first, second])).toBe('verified');
    expect(await verdict(signer, undefined, [second])).toBe('wrong_signature');
  });
});

describe.each(timed)('the time of $name', (signer) => {
  const at = async (timestamp: string) => {
    const headers = signer.sign(signer.secrets[0], body, timestamp);
    const result = await verifyWebhook(signer.declaration, webhook(headers, body), signer.secrets);
    return result.ok ? 'verified' : result.reason;
  };

  test('S14 five minutes either way and no more', async () => {
    expect(await at(stamp(signer, nowMs - 300_000))).toBe('verified');
    expect(await at(stamp(signer, nowMs + 300_000))).toBe('verified');
    expect(await at(stamp(signer, nowMs - 301_000))).toBe('stale_timestamp');
    expect(await at(stamp(signer, nowMs + 301_000))).toBe('future_timestamp');
  });

  test.each(['abc', '0x6037a1f2', '1.6e9', '-1', ' 1', '1'.repeat(400)])(
    'S14 %j is refused, though signed',
    async (odd) => {
      expect(await at(odd)).toBe('malformed_timestamp');
      expect(await at(`${stamp(signer)}abc`)).toBe('malformed_timestamp');
    },
  );

  test('S14 refused without a time, and with two of them', async () => {
    const name = signer.timestamp?.header;
    if (name === undefined) return;
    const headers = signer.sign(signer.secrets[0], body, stamp(signer));
    const without = headers.filter(([header]) => header !== name);
    const twice = [...headers, [name, stamp(signer)] as [string, string]];
    for (const changed of [without, twice]) {
      expect(
        await verifyWebhook(signer.declaration, webhook(changed, body), signer.secrets),
      ).toEqual({ ok: false, reason: 'missing_timestamp' });
    }
  });
});
