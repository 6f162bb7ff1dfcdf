import { withAdvisoryLock } from '../../../db/advisory-lock';
import {
  type EarlierDelivery,
  noteSignaturesKnown,
  readEarlierDeliveries,
  readSignaturesKnownTo,
  rememberEarlierSignatures,
} from '../../../db/queries/deliveries/webhook-signatures';
import { loadSecretHash, type SecretHash } from '../../../db/queries/encryption/hash-key';
import { readWebhookTargets } from '../../../db/queries/integrations/webhook-targets';
import { messageOf } from '../../../lib/errors';
import type { Logger } from '../../../lib/log';
import { type Keeper, keepPassing, pause } from '../../../lib/timing';
import { headerAccount } from '../../../webhooks/split-events';
import type { HeaderList } from '../../../webhooks/stored-headers';
import { isForOneAccount, presentedSignatures } from '../../../webhooks/verify';
import type { Encryption, Providers, Rows } from '../../deps';
import { accountHash, signatureHash, whomSignatureIsFor } from './signature-use';

type Needs = Rows & Encryption & Providers & { log: Logger };

interface Options {
  /** Milliseconds between two looks; default ten minutes. */
  everyMs?: number;
  /** Deliveries a statement. */
  batchSize?: number;
}

/** Of `pg_try_advisory_lock`: a number that nothing else uses. */
const lock = 4_201_733_021;

/**
 * Remembers whom signatures came for that were stored, forwarded and shown with their deliveries, as versions before did:
 * whoever has one from then could send it again in another's name. Once, a part at a time, going on where a process left
 * off; for as long as older processes may store more.
 */
export function rememberFromBefore(
  { pool, envelope, registry, log }: Needs,
  { everyMs = 600_000, batchSize = 200 }: Options = {},
): Keeper {
  const providers = registry.names().filter((name) => {
    const declaration = registry.get(name)?.webhook;
    return declaration !== undefined && isForOneAccount(declaration);
  });

  /** @returns whether there is nothing left to do, ever */
  async function pass(signal: AbortSignal): Promise<boolean> {
    let after = await readSignaturesKnownTo(pool);
    if (after === null) return true;
    const hash = await loadSecretHash(pool, envelope, 'webhook_signatures');
    if (hash === null) return false;
    let over = false;
    await withAdvisoryLock(pool, lock, async () => {
      after = await readSignaturesKnownTo(pool);
      for (let end = false; !end && after !== null && !signal.aborted;) {
        const startedAt = performance.now();
        const page = await readEarlierDeliveries(pool, { after, providers, limit: batchSize });
        await rememberEarlierSignatures(pool, await usesOf(page, hash));
        end = page.length < batchSize;
        after = page.at(-1)?.id ?? after;
        over = await noteSignaturesKnown(pool, { to: after, end });
        await pause(end ? 0 : performance.now() - startedAt, signal);
      }
    });
    return over;
  }

  async function usesOf(page: readonly EarlierDelivery[], hash: SecretHash) {
    const targets = await readWebhookTargets(pool, [
      ...new Set(page.filter((one) => one.headers !== null).map((one) => one.integrationId)),
    ]);
    return page.flatMap(({ provider, headers, integrationId, receivedAt }) => {
      const declaration = registry.get(provider)?.webhook;
      if (declaration === undefined || headers === null || headers === '') return [];
      const request = stored(headers, receivedAt);
      const accounts = targets.get(integrationId)?.accounts ?? [];
      const whom = whomSignatureIsFor(headerAccount(declaration, request), accounts);
      if (whom === null) return [];
      return presentedSignatures(declaration, request).map((signature) => ({
        ...{ provider, hash: signatureHash(hash, signature), at: receivedAt },
        accountHash: accountHash(hash, whom),
      }));
    });
  }

  return keepPassing(async (signal) => {
    if (providers.length === 0) return null;
    const over = await pass(signal).catch((error: unknown) => {
      log.warn(
        { event: 'webhook.signatures_unread', err: messageOf(error) },
        'Signatures of stored deliveries could not be read yet',
      );
      return false;
    });
    return over ? null : everyMs;
  });
}

const stored = (headers: string, receivedAt: Date) => ({
  ...{ method: 'POST', url: '', body: Buffer.alloc(0), nowMs: receivedAt.getTime() },
  rawHeaders: (JSON.parse(headers) as HeaderList).flat(),
});
