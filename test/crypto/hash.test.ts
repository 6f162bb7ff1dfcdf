import { equalSecrets, randomToken, sha256 } from '../../src/crypto/hash';

it('hashes as FIPS 180-2 appendix B.1 has it', () => {
  expect(sha256('abc').toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

it('tells equal secrets from others, also of another length', () => {
  expect(equalSecrets('a-secret', Buffer.from('a-secret'))).toBe(true);
  expect(equalSecrets('a-secret', 'a-secreT')).toBe(false);
  expect(equalSecrets('a-secret', 'a-secret-and-more')).toBe(false);
  expect(equalSecrets('', 'a-secret')).toBe(false);
});

it('makes tokens that fit into an address and never come twice', () => {
  const tokens = Array.from({ length: 200 }, () => randomToken(32));
  expect(new Set(tokens).size).toBe(200);
  for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
