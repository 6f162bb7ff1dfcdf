import { setTimeout as timeout } from 'node:timers/promises';
import { readWebhookTargets } from '../../db/queries/integrations/webhook-targets';
import { shareReads } from '../../lib/batch-reads';
import { type ErrorCode, HoldfastError } from '../../lib/errors';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { WebhookRequest } from '../../webhooks/request';
import type { Rejection, RejectionReason } from '../../webhooks/schemes/scheme';
import { verifyWebhook, type VerifiedWebhook } from '../../webhooks/verify';
import type { Encryption, Providers, Rows } from '../deps';
import type { OwnAccounts, SignatureMemory } from './signature-memory';

/** Another gateway may add or retire a secret: nobody trusts what it read longer than this. */
const ttlMs = 5_000;
/** A signature that fails is checked once more against the rows, unless these were just read. */
const justReadMs = 500;
/** Where there is no secret the rows are read as often as this, however many webhooks come. */
const noSecretReadMs = 50;
const maxEntries = 20_000;

/** What an integration's webhooks are verified by. */
export interface Target {
  userId: string;
  provider: string;
  declaration: WebhookDeclaration | undefined;
  secrets: readonly string[];
  own: OwnAccounts;
}

interface Entry {
  readAt: number;
  target: Promise<Target | null>;
  /** What it came to; undefined until then. */
  read?: Target | null;
}

/** Verifies webhooks against the secrets of their integrations, which are known for a moment. */
export interface IntegrationVerifier {
  /**
   * Verifies against the secrets that the integration had a moment ago; where that fails, once more against those that
   * it has now.
   *
   * @returns null where there is no such integration
   */
  verify(
    integrationId: string,
    request: WebhookRequest,
  ): Promise<VerifiedWebhook | Rejection | null>;
  /**
   * What the integration's webhooks are verified by, as it was a moment ago.
   *
   * @returns null where there is no such integration
   * @throws HoldfastError `unknown_provider` where its provider isn't in the configuration; the database's errors
   */
  target(integrationId: string): Promise<Target | null>;
  /** The same where it is known already: most webhooks need not wait for it. */
  knownTarget(integrationId: string): Target | undefined;
}

export function createIntegrationVerifier(
  deps: Rows & Encryption & Providers & { signatures: SignatureMemory },
): IntegrationVerifier {
  const entries = new Map<string, Entry>();
  const comingReads = new Map<string, Promise<Target | null>>();
  const readRow = shareReads((ids) => readWebhookTargets(deps.pool, ids));

  async function read(integrationId: string): Promise<Target | null> {
    const row = await readRow(integrationId);
    if (row === null) return null;
    const provider = deps.registry.get(row.provider);
    if (provider === undefined) {
      // A slip in the configuration: a 404 would make senders drop their subscriptions.
      throw new HoldfastError(
        'unknown_provider',
        `The provider "${row.provider}" is not in the configuration at the moment.`,
        { status: 503, retryAfterSeconds: 60 },
      );
    }
    const secrets = row.secrets.map(({ id, sealed }) =>
      deps.envelope.open(sealed, `integration_secrets.secret:${id}`),
    );
    const { name, webhook } = provider;
    const { userId, accounts, isNamed, isProven } = row;
    // With a secret for all accounts the provider sends to the application's address, where a credential's account is what
    // the header names; else it may be of another kind.
    const areTheHeaders = isNamed || (isProven && (webhook?.secrets ?? []).length > 0);
    const own = { accounts, areTheHeaders };
    return { userId, provider: name, declaration: webhook, secrets, own };
  }

  function fresh(integrationId: string, maxAgeMs: number): Entry | undefined {
    const known = entries.get(integrationId);
    return known !== undefined && performance.now() - known.readAt < maxAgeMs ? known : undefined;
  }

  function find(integrationId: string, maxAgeMs: number): Promise<Target | null> {
    const known = fresh(integrationId, maxAgeMs);
    if (known !== undefined) return known.target;
    const target = read(integrationId);
    const entry: Entry = { readAt: performance.now(), target };
    entries.delete(integrationId);
    entries.set(integrationId, entry);
    const note = (result: Target | null) => {
      entry.read = result;
      // What failed, or isn't there, may be there in a moment.
      if (result === null && entries.get(integrationId) === entry) entries.delete(integrationId);
    };
    target.then(note, () => note(null));
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    return target;
  }

  /** As it is now: one read for all who ask before it begins. */
  function findNow(integrationId: string): Promise<Target | null> {
    const coming = comingReads.get(integrationId);
    if (coming !== undefined) return coming;
    const { readAt = -Infinity } = entries.get(integrationId) ?? {};
    const waitMs = Math.max(0, readAt + noSecretReadMs - performance.now());
    const read = timeout(waitMs).then(() => {
      comingReads.delete(integrationId);
      return find(integrationId, 0);
    });
    comingReads.set(integrationId, read);
    return read;
  }

  return {
    verify: async (integrationId, request) => {
      const first = fresh(integrationId, ttlMs)?.read ?? (await find(integrationId, ttlMs));
      if (first === null) return null;
      const verified = await verifyWebhook(first.declaration, request, first.secrets);
      if (verified.ok && verified.unsignedAccount === undefined) return verified;
      if (verified.ok) return deps.signatures.check(first, verified);
      // One that was brought just now counts at once: its sender was told that there is none, and may not try again.
      const again = await (verified.reason === 'no_secret'
        ? findNow(integrationId)
        : find(integrationId, justReadMs));
      if (again === null) return null;
      if (again === first) return verified;
      const anew = await verifyWebhook(again.declaration, request, again.secrets);
      return anew.ok ? deps.signatures.check(again, anew) : anew;
    },
    target: (integrationId) => find(integrationId, ttlMs),
    knownTarget: (integrationId) => fresh(integrationId, ttlMs)?.read ?? undefined,
  };
}

/** For an operator who looks for a reason; none of these tells a forger anything. */
const messages: Record<RejectionReason, string> = {
  no_scheme: 'This provider sends no webhooks: declare `webhook` for it.',
  no_secret: 'No secret is configured that this webhook could be verified with.',
  missing_signature: 'The signature is missing.',
  malformed_signature: 'The signature is malformed.',
  wrong_signature: 'The signature does not fit the body and any current secret.',
  missing_id: 'The id of the webhook is missing.',
  malformed_id: 'The id of the webhook holds what ends it in the signed text.',
  missing_timestamp: 'The timestamp is missing.',
  malformed_timestamp: 'The timestamp is not a plain number.',
  stale_timestamp: 'The timestamp is too old.',
  future_timestamp: 'The timestamp is in the future.',
  wrong_audience: 'The token is for another audience than the declared one.',
  wrong_sender: 'The token is from another service account than the declared one.',
  unexpected_body: 'The body is signed, but it is not what this sender sends as a webhook.',
  account_conflict:
    'The account is named by a header that nobody signs, and this signature is of another one.',
};

const codes: Partial<Record<RejectionReason, ErrorCode>> = {
  no_secret: 'no_secret',
  account_conflict: 'account_conflict',
};

/** What a sender is told whose webhook was not let in. */
export const notVerified = (reason: RejectionReason): HoldfastError =>
  new HoldfastError(codes[reason] ?? 'invalid_signature', messages[reason]);
