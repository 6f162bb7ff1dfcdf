import { randomBytes } from 'node:crypto';
import { createEnvelope } from '../../src/crypto/envelope';

const old = { id: 'k1', key: randomBytes(32) };
const current = { id: 'k2', key: randomBytes(32) };
const context = 'credentials.refresh_token:crd_1';

function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'opened';
}

describe('an envelope', () => {
  const envelope = createEnvelope([current, old]);

  it.each(['', 'a token', '😀 Unicode \u0000 and NUL', 'x'.repeat(100_000)])(
    'gives back what was sealed (%#)',
    (plaintext) => {
      const sealed = envelope.seal(plaintext, context);
      expect(envelope.open(sealed, context)).toBe(plaintext);
    },
  );

  it('holds no plaintext and is another one every time', () => {
    const first = envelope.seal('a-token-in-plain', context);
    expect(first.includes('a-token-in-plain')).toBe(false);
    expect(first.equals(envelope.seal('a-token-in-plain', context))).toBe(false);
  });

  it('does not open at another place than it was sealed for', () => {
    const sealed = envelope.seal('token', context);
    for (const other of ['credentials.access_token:crd_1', 'credentials.refresh_token:crd_2', '']) {
      expect(codeOf(() => envelope.open(sealed, other))).toBe('tampered');
    }
  });

  it('does not open with any single bit changed, and never says more than why', () => {
    const sealed = envelope.seal('token', context);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(codeOf(() => envelope.open(changed, context))).not.toBe('opened');
    }
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
    expect(() => envelope.open(changed, context)).toThrow('A sealed value was changed or moved.');
  });

  it('does not open cut off anywhere', () => {
    const sealed = envelope.seal('token', context);
    for (let length = 0; length < sealed.length; length += 1) {
      const code = codeOf(() => envelope.open(sealed.subarray(0, length), context));
      expect(['malformed', 'tampered']).toContain(code);
    }
  });
});

describe('keys that rotate', () => {
  it('seal with the first and open with all', () => {
    const before = createEnvelope([old]).seal('token', context);
    const rotated = createEnvelope([current, old]);
    expect(rotated.open(before, context)).toBe('token');
    const after = rotated.seal('token', context);
    expect(createEnvelope([current]).open(after, context)).toBe('token');
    expect(codeOf(() => createEnvelope([old]).open(after, context))).toBe('unknown_key');
  });

  it('name the key that is missing', () => {
    const sealed = createEnvelope([old]).seal('token', context);
    expect(() => createEnvelope([current]).open(sealed, context)).toThrow('"k1"');
  });

  it('do not open where only the id is the same', () => {
    const sealed = createEnvelope([old]).seal('token', context);
    const impostor = createEnvelope([{ id: old.id, key: randomBytes(32) }]);
    expect(codeOf(() => impostor.open(sealed, context))).toBe('tampered');
  });
});

it.each([
  [[], 'at least one key'],
  [[{ id: 'k', key: randomBytes(31) }], '"k"'],
  [[old, { id: 'k1', key: randomBytes(32) }], 'two keys'],
  [[{ id: '', key: randomBytes(32) }], 'key id'],
  [[{ id: 'ä'.repeat(128), key: randomBytes(32) }], 'key id'],
])('refuses bad keys (%#)', (keys, message) => {
  expect(() => createEnvelope(keys)).toThrow(message);
});
