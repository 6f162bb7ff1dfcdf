import { readWebhookTargets } from '../../db/queries/integrations/webhook-targets';
import { HoldfastError } from '../../lib/errors';
import type { Provider } from '../../providers/provider';
import type { GatewayDeps } from '../deps';
import { shareReads } from '../../lib/batch-reads';

/** Another gateway may add or retire a secret: nobody trusts what it read longer than this. */
const freshMs = 5_000;
/** A signature that fails is checked once more against the rows, unless these were just read. */
const justReadMs = 500;
const maxEntries = 20_000;

export interface WebhookTarget {
  provider: Provider;
  secrets: readonly string[];
}

interface Entry {
  readAt: number;
  target: Promise<WebhookTarget | null>;
}

/** What verifying needs of each integration, kept for a moment. */
export interface WebhookTargets {
  /** @returns null where there is no such integration */
  find(integrationId: string): Promise<WebhookTarget | null>;
  /** Reads it again, unless that was done within half a second. */
  findAgain(integrationId: string): Promise<WebhookTarget | null>;
}

export function createWebhookTargets(
  deps: Pick<GatewayDeps, 'pool' | 'envelope' | 'registry'>,
): WebhookTargets {
  const entries = new Map<string, Entry>();
  const readRow = shareReads((ids) => readWebhookTargets(deps.pool, ids));

  async function read(integrationId: string): Promise<WebhookTarget | null> {
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
    return { provider, secrets };
  }

  function findWithin(integrationId: string, maxAgeMs: number): Promise<WebhookTarget | null> {
    const known = entries.get(integrationId);
    if (known !== undefined && performance.now() - known.readAt < maxAgeMs) return known.target;
    const target = read(integrationId);
    entries.delete(integrationId);
    entries.set(integrationId, { readAt: performance.now(), target });
    // What failed, or isn't there, may be there in a moment.
    const forget = (result: WebhookTarget | null) => {
      if (result === null && entries.get(integrationId)?.target === target) {
        entries.delete(integrationId);
      }
    };
    target.then(forget, () => forget(null));
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    return target;
  }

  return {
    find: (id) => findWithin(id, freshMs),
    findAgain: (id) => findWithin(id, justReadMs),
  };
}
