import type { WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { keptHeaders, parseKeptHeaders } from '../../src/webhooks/stored-headers';
import { nowMs } from './requests';
import { signers } from './signers';

const none: WebhookDeclaration = { scheme: 'none' };

test('headers are kept as received: order, capitals and repeats', () => {
  const raw = ['X-B', '1', 'x-a', '2', 'X-B', '3', 'Content-Type', 'application/json'];
  expect(parseKeptHeaders(keptHeaders(raw, none), none)).toEqual([
    ['X-B', '1'],
    ['x-a', '2'],
    ['X-B', '3'],
    ['Content-Type', 'application/json'],
  ]);
});

test('S40 nobody’s credentials are kept, nor what belongs to the connection', () => {
  const raw = [
    ...[
      'Authorization',
      'Bearer s3cret',
      'COOKIE',
      'sid=s3cret',
      'Proxy-Authorization',
      'Basic s3cret',
    ],
    ...['Connection', 'close, X-Hop', 'x-hop', '1', 'Keep-Alive', 'timeout=5', 'TE', 'trailers'],
    ...[
      'Transfer-Encoding',
      'chunked',
      'Upgrade',
      'h2c',
      'Expect',
      '100-continue',
      'x-kept',
      'yes',
    ],
  ];
  expect(keptHeaders(raw, none)).toBe('[["x-kept","yes"]]');
});

test('bytes beyond ASCII come back as they were', () => {
  const value = Buffer.from('Zoë', 'utf8').toString('latin1');
  const kept = keptHeaders(['x-name', value], none);
  expect(parseKeptHeaders(kept, none)).toEqual([['x-name', value]]);
});

const unnamed = signers.filter(({ name }) => !name.startsWith('standard-webhooks'));

test.each(unnamed)('the proof of $name is neither stored nor shown', (signer) => {
  const { declaration, secrets, signatureHeader } = signer;
  const proof = signer.sign(secrets[0], Buffer.from('{}'), String(nowMs));
  const raw = proof.map(([name, value]) => [name.toUpperCase(), value] as const).flat();
  const others = proof.filter(([name]) => name !== signatureHeader);
  const kept = parseKeptHeaders(keptHeaders(raw, declaration), none);
  expect(kept).toEqual(others.map(([name, value]) => [name.toUpperCase(), value]));
  // As an older version stored it, and where nobody declares the provider any more.
  expect(parseKeptHeaders(JSON.stringify(proof), declaration)).toEqual(others);
  expect(parseKeptHeaders(JSON.stringify(proof), undefined)).toEqual(others);
});

test('where nobody declares the provider any more, what is called like a proof is not shown', () => {
  const proofs = ['X-Acme-Signature', 'X-ACME-HMAC-SHA512', 'x-goog-channel-token', 'X-Secret'];
  const stored = JSON.stringify([...proofs, 'X-Kept'].map((name) => [name, 'a']));
  expect(parseKeptHeaders(stored, undefined)).toEqual([['X-Kept', 'a']]);
  expect(parseKeptHeaders(stored, none)).toHaveLength(5);
});

test('Standard Webhooks’ three are kept: destinations get them as originals', () => {
  const raw = ['webhook-id', 'msg_1', 'webhook-timestamp', '1', 'webhook-signature', 'v1,x'];
  expect(parseKeptHeaders(keptHeaders(raw, { scheme: 'standard-webhooks' }), none)).toHaveLength(3);
});

test('other signatures of the same secret go too, also where a known sender is described', () => {
  const raw = ['X-Hub-Signature', 'sha1=a', 'X-Hub-Signature-256', 'sha256=a', 'X-Kept', 'yes'];
  const described: WebhookDeclaration = {
    ...{ scheme: 'hmac', header: 'X-Hub-Signature-256', algorithm: 'sha256', encoding: 'hex' },
  };
  for (const declaration of [described, { scheme: 'github' } as const]) {
    expect(keptHeaders(raw, declaration)).toBe('[["X-Kept","yes"]]');
  }
});
