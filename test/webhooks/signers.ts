import { createHmac, createPrivateKey, sign as signWith } from 'node:crypto';
import type { WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { address } from './requests';

type Headers = [name: string, value: string][];

/** A sender of one scheme, with two secrets; written apart from what it tests. */
export interface Signer {
  name: string;
  declaration: WebhookDeclaration;
  secrets: readonly [string, string];
  /** The timestamp's text is taken as it is, so that odd ones can be signed too. */
  sign(secret: string, body: Uint8Array, timestamp: string): Headers;
  signatureHeader: string;
  /** Of what stands before the signature itself. */
  prefix: string;
  timestamp?: { unitMs: number; header?: string };
}

const hmac = (secret: string | Buffer, ...pieces: (string | Uint8Array)[]) => {
  const digest = createHmac('sha256', secret);
  for (const piece of pieces) digest.update(piece);
  return digest;
};

const fromWhsec = (secret: string) => Buffer.from(secret.slice('whsec_'.length), 'base64');
const textSecrets = ['first-secret', 'second-secret'] as const;

/** RFC 8032 section 7.1, tests 1 and 2: private and public keys. */
const ed25519 = {
  whpk_: [
    [
      '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    ],
    [
      'PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=',
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    ],
  ] as const,
};

function signEd25519(publicKey: string, content: Buffer): string {
  const [, seed] = ed25519.whpk_.find(([key]) => `whpk_${key}` === publicKey) ?? [];
  const der = Buffer.from(`302e020100300506032b657004220420${seed ?? ''}`, 'hex');
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return signWith(null, content, key).toString('base64');
}

const standard = (name: string, version: string): Omit<Signer, 'secrets' | 'sign'> => ({
  name,
  declaration: { scheme: 'standard-webhooks' },
  signatureHeader: 'webhook-signature',
  prefix: `${version},`,
  timestamp: { unitMs: 1000, header: 'webhook-timestamp' },
});

export const signers: readonly Signer[] = [
  {
    ...standard('standard-webhooks', 'v1'),
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
    sign: (secret, body, timestamp) => [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', timestamp],
      [
        'webhook-signature',
        `v1,${hmac(fromWhsec(secret), `msg_1.${timestamp}.`, body).digest('base64')}`,
      ],
    ],
  },
  {
    ...standard('standard-webhooks, Ed25519', 'v1a'),
    secrets: [`whpk_${ed25519.whpk_[0][0]}`, `whpk_${ed25519.whpk_[1][0]}`],
    sign: (secret, body, timestamp) => [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', timestamp],
      [
        'webhook-signature',
        `v1a,${signEd25519(secret, Buffer.concat([Buffer.from(`msg_1.${timestamp}.`), body]))}`,
      ],
    ],
  },
  {
    name: 'github',
    declaration: { scheme: 'github' },
    secrets: textSecrets,
    signatureHeader: 'x-hub-signature-256',
    prefix: 'sha256=',
    sign: (secret, body) => [['x-hub-signature-256', `sha256=${hmac(secret, body).digest('hex')}`]],
  },
  {
    name: 'stripe',
    declaration: { scheme: 'stripe' },
    secrets: textSecrets,
    signatureHeader: 'stripe-signature',
    prefix: 't=1614265330,v1=',
    timestamp: { unitMs: 1000 },
    sign: (secret, body, timestamp) => [
      [
        'stripe-signature',
        `t=${timestamp},v1=${hmac(secret, `${timestamp}.`, body).digest('hex')}`,
      ],
    ],
  },
  {
    name: 'slack',
    declaration: { scheme: 'slack' },
    secrets: textSecrets,
    signatureHeader: 'x-slack-signature',
    prefix: 'v0=',
    timestamp: { unitMs: 1000, header: 'x-slack-request-timestamp' },
    sign: (secret, body, timestamp) => [
      ['x-slack-request-timestamp', timestamp],
      ['x-slack-signature', `v0=${hmac(secret, `v0:${timestamp}:`, body).digest('hex')}`],
    ],
  },
  {
    name: 'shopify',
    declaration: { scheme: 'shopify' },
    secrets: textSecrets,
    signatureHeader: 'x-shopify-hmac-sha256',
    prefix: '',
    sign: (secret, body) => [['x-shopify-hmac-sha256', hmac(secret, body).digest('base64')]],
  },
  {
    name: 'hubspot',
    declaration: { scheme: 'hubspot' },
    secrets: textSecrets,
    signatureHeader: 'x-hubspot-signature-v3',
    prefix: '',
    timestamp: { unitMs: 1, header: 'x-hubspot-request-timestamp' },
    sign: (secret, body, timestamp) => [
      ['x-hubspot-request-timestamp', timestamp],
      ['x-hubspot-signature-v3', hmac(secret, `POST${address}`, body, timestamp).digest('base64')],
    ],
  },
  {
    name: 'attio',
    declaration: { scheme: 'attio' },
    secrets: textSecrets,
    signatureHeader: 'attio-signature',
    prefix: '',
    sign: (secret, body) => [['attio-signature', hmac(secret, body).digest('hex')]],
  },
  {
    name: 'hmac',
    declaration: {
      scheme: 'hmac',
      header: 'x-signature',
      algorithm: 'sha256',
      encoding: 'base64',
      signed: '{timestamp}.{body}',
      timestampHeader: 'x-time',
    },
    secrets: textSecrets,
    signatureHeader: 'x-signature',
    prefix: '',
    timestamp: { unitMs: 1000, header: 'x-time' },
    sign: (secret, body, timestamp) => [
      ['x-time', timestamp],
      ['x-signature', hmac(secret, `${timestamp}.`, body).digest('base64')],
    ],
  },
];
