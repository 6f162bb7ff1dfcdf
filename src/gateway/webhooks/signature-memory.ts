import {
  rememberSignatures,
  type SignatureUse,
} from '../../db/queries/deliveries/webhook-signatures';
import { loadSecretHash } from '../../db/queries/encryption/hash-key';
import { shareReads } from '../../lib/batch-reads';
import { HoldfastError } from '../../lib/errors';
import { storedText } from '../../lib/storable-text';
import { rejection, type Rejection } from '../../webhooks/schemes/scheme';
import type { VerifiedWebhook } from '../../webhooks/verify';
import type { Encryption, Rows } from '../deps';

interface At {
  provider: string;
  /** The accounts of the integration whose own address it came to; none where it has none, or the address is the application's. */
  accounts: readonly string[];
}

/**
 * Where the account stands in a header that nobody signs, whoever has a genuine webhook can send it again under another
 * account's name. So a signature is good for the account that it first came for, at all addresses of the provider, for the
 * retention time. It says nothing about duplicates.
 */
export interface SignatureMemory {
  /**
   * @returns what was verified, or why it is not let in
   * @throws HoldfastError `sealing_key_unavailable`: nothing is let in unremembered; the database's error
   */
  check(at: At, verified: VerifiedWebhook): Promise<VerifiedWebhook | Rejection>;
}

export function createSignatureMemory({ pool, envelope }: Rows & Encryption): SignatureMemory {
  const firstAccount = shareReads(async (keys) => {
    const uses = new Map<string, SignatureUse>();
    for (const { provider, hash, account } of keys.map(parse)) {
      const one = `${provider} ${hash}`;
      if (!uses.has(one)) uses.set(one, { provider, hash: Buffer.from(hash, 'hex'), account });
    }
    const known = await rememberSignatures(pool, [...uses.values()]);
    const accounts = new Map(
      known.map(({ provider, hash, account }) => [`${provider} ${hash.toString('hex')}`, account]),
    );
    return new Map(
      keys.flatMap((key) => {
        const { provider, hash } = parse(key);
        const account = accounts.get(`${provider} ${hash}`);
        return account === undefined ? [] : [[key, account] as const];
      }),
    );
  });

  return {
    check: async ({ provider, accounts }, verified) => {
      const { unsignedAccount } = verified;
      if (unsignedAccount === undefined) return verified;
      const { named, signatures } = unsignedAccount;
      const isOthers = named !== null && accounts.length > 0 && !accounts.includes(named);
      if (isOthers) return rejection('account_conflict');
      // Left out, the header must not make it good for anybody.
      const whom = named ?? accounts[0];
      if (whom === undefined || signatures.length === 0) return verified;
      const account = storedText(whom, maxAccountLength);
      const hash = await loadSecretHash(pool, envelope, 'webhook_signatures');
      if (hash === null) throw noKey();
      const firsts = await Promise.all(
        signatures.map((signature) => {
          const of = hash(signature.toString('base64')).toString('hex');
          return firstAccount(JSON.stringify({ provider, hash: of, account }));
        }),
      );
      return firsts.every((first) => first === account) ? verified : rejection('account_conflict');
    },
  };
}

/** As long as an account may be: what is longer is nobody's. */
const maxAccountLength = 1_000;

const parse = (key: string) =>
  JSON.parse(key) as { provider: string; hash: string; account: string };

const noKey = () =>
  new HoldfastError(
    'sealing_key_unavailable',
    'The key by which signatures are remembered can not be read; send the webhook again.',
    { retryAfterSeconds: 60 },
  );
