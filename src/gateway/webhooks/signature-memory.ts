import {
  rememberSignatures,
  type SignatureUse,
} from '../../db/queries/deliveries/webhook-signatures';
import { loadSecretHash } from '../../db/queries/encryption/hash-key';
import { findAccountClaims } from '../../db/queries/integrations/by-account';
import { shareReads } from '../../lib/batch-reads';
import { HoldfastError } from '../../lib/errors';
import { rejection, type Rejection } from '../../webhooks/schemes/scheme';
import type { VerifiedWebhook } from '../../webhooks/verify';
import type { Encryption, Rows } from '../deps';
import { accountHash, signatureHash, whomSignatureIsFor } from './repeats/signature-use';

/** Of the integration whose own address it came to. */
export interface OwnAccounts {
  accounts: readonly string[];
  /** They are known to be what the header names: no other name is theirs. */
  areTheHeaders: boolean;
}

interface At {
  provider: string;
  /** Null where the address is the application's. */
  own: OwnAccounts | null;
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
  const firstFor = shareReads(async (keys) => {
    const uses = new Map<string, SignatureUse>();
    for (const { provider, hash, whom } of keys.map(parseUse)) {
      const bytes = { hash: Buffer.from(hash, 'hex'), accountHash: Buffer.from(whom, 'hex') };
      const one = `${provider} ${hash}`;
      if (!uses.has(one)) uses.set(one, { provider, ...bytes });
    }
    const known = await rememberSignatures(pool, [...uses.values()]);
    const firsts = new Map(
      known.map(({ provider, hash, accountHash }) => [
        `${provider} ${hash.toString('hex')}`,
        accountHash.toString('hex'),
      ]),
    );
    return new Map(
      keys.flatMap((key) => {
        const { provider, hash } = parseUse(key);
        const first = firsts.get(`${provider} ${hash}`);
        return first === undefined ? [] : [[key, first] as const];
      }),
    );
  });

  const isClaimed = shareReads(async (keys) => {
    const claimed = new Map<string, true>();
    const asked = keys.map(parseAccount);
    for (const provider of new Set(asked.map((one) => one.provider))) {
      const names = asked.filter((one) => one.provider === provider).map(({ account }) => account);
      for (const { account } of await findAccountClaims(pool, provider, names)) {
        claimed.set(JSON.stringify({ provider, account }), true);
      }
    }
    return claimed;
  });

  /** Whether the header names somebody else than the integration whose address it is. */
  async function isAnothers({ provider, own }: At, named: string | null): Promise<boolean> {
    if (named === null || own === null || own.accounts.length === 0) return false;
    if (own.accounts.includes(named)) return false;
    return (
      own.areTheHeaders || (await isClaimed(JSON.stringify({ provider, account: named }))) === true
    );
  }

  return {
    check: async (at, verified) => {
      const { named, signatures } = verified.unsignedAccount ?? { named: null, signatures: [] };
      // Without a signature there is nothing that could be of another: the address is believed.
      if (signatures.length === 0) return verified;
      if (await isAnothers(at, named)) return rejection('account_conflict');
      const whom = whomSignatureIsFor(named, at.own?.accounts ?? []);
      if (whom === null) return verified;
      const hash = await loadSecretHash(pool, envelope, 'webhook_signatures');
      if (hash === null) throw noKey();
      const whomHash = accountHash(hash, whom).toString('hex');
      const firsts = await Promise.all(
        signatures.map((signature) => {
          const of = signatureHash(hash, signature).toString('hex');
          return firstFor(JSON.stringify({ provider: at.provider, hash: of, whom: whomHash }));
        }),
      );
      return firsts.every((first) => first === whomHash) ? verified : rejection('account_conflict');
    },
  };
}

const parseUse = (key: string) =>
  JSON.parse(key) as { provider: string; hash: string; whom: string };
const parseAccount = (key: string) => JSON.parse(key) as { provider: string; account: string };

const noKey = () =>
  new HoldfastError(
    'sealing_key_unavailable',
    'The key by which signatures are remembered can not be read; send the webhook again.',
    { retryAfterSeconds: 60 },
  );
