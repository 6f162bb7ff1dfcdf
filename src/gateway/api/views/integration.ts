import { workflowIds } from '../../../../workflows/contract/ids';
import { healthOf } from '../../../../workflows/rules';
import {
  type IntegrationViewRow,
  readIntegrationView,
} from '../../../db/queries/integrations/api-view';
import type { Registry } from '../../../providers/registry';
import { createShowUser } from '../../../temporal/shown-user';
import { uiPlaceOf, userLink, workflowLink } from '../../../temporal/ui-links';
import type { GatewayConfig, Providers, Rows, Settings } from '../../deps';
import { notFound } from '../../http/path-ids';

const time = (value: Date | string | null): string | null =>
  value === null ? null : new Date(value).toISOString();

/** An integration as the application's API shows it. Times are RFC 3339 in UTC. */
export function integrationView(
  row: IntegrationViewRow,
  { config, registry }: Settings & Providers,
) {
  const { publicUrl } = config;
  return {
    id: row.id,
    userId: row.userId,
    name: row.name,
    provider: row.provider,
    metadata: row.metadata,
    status: row.status,
    health: healthOf(row.credentials.map(({ state }) => state)),
    reason: reasonOf(row),
    hold:
      row.holdBy === null
        ? null
        : { by: row.holdBy, reason: row.holdReason, since: time(row.holdSince) },
    transition: row.transition,
    credentials: row.credentials.map((credential) => ({
      ...credential,
      expiresAt: time(credential.expiresAt),
      refreshExpiresAt: time(credential.refreshExpiresAt),
      verifiedAt: time(credential.verifiedAt),
      degradedSince: time(credential.degradedSince),
      lastSuccessAt: time(credential.lastSuccessAt),
      lastFailureAt: time(credential.lastFailureAt),
    })),
    inbox: {
      pending: row.pending,
      failed: row.failed,
      handled: row.handled,
      discarded: row.discarded,
      expired: row.expired,
      bytes: row.bytes,
      oldestPendingAt: time(row.oldestPendingAt),
    },
    deliveryHealth: deliveryHealthOf(row),
    webhookUrl: `${publicUrl}/webhooks/${row.id}`,
    webhookSecretMissing: isSecretMissing(row, registry),
    ...temporalLinks(row, config),
    handler: row.handler,
    destination: row.destinationUrl === null ? null : { url: row.destinationUrl },
    whenError: row.whenError,
    whenDisabled: row.whenDisabled,
    // Without a credential there is no token to wait for.
    whenTokenUnavailable: row.whenTokenUnavailable ?? (row.credentials.length > 0 ? 'wait' : null),
    handling: row.handling,
    createdAt: time(row.createdAt),
  };
}

/** Where operators see it, and all that is its user's; null where the UI, or what Temporal is told of users, isn't known. */
function temporalLinks({ id, userId }: IntegrationViewRow, config: GatewayConfig) {
  const ui = uiPlaceOf(config);
  if (ui === null) return { temporalUrl: null, temporalUserUrl: null };
  const { temporalUserAttribute = 'off', temporalHashKey } = config;
  const shown = createShowUser({ temporalUserAttribute, temporalHashKey })(userId);
  return {
    temporalUrl: workflowLink(ui, workflowIds.integration(id)),
    temporalUserUrl: userLink(ui, shown),
  };
}

/** Its provider makes the secret, and nobody has brought it; nor are its webhooks verified by the application's. */
function isSecretMissing({ provider, hasWebhookSecret }: IntegrationViewRow, registry: Registry) {
  const { providerMakesSecret = false, secrets = [] } = registry.get(provider)?.webhook ?? {};
  return providerMakesSecret && !hasWebhookSecret && secrets.every((one) => one === undefined);
}

/** Beside the health, which is the credentials'. */
function deliveryHealthOf(row: IntegrationViewRow) {
  const isTried = row.status === 'ENABLED' && row.holdBy === null;
  return {
    state: row.failingSince === null ? 'ok' : 'failing',
    since: time(row.failingSince),
    error: row.failingError,
    nextAttemptAt: isTried ? time(row.failingNextAt) : null,
  };
}

function reasonOf(row: IntegrationViewRow) {
  if (row.reasonCode === null) return null;
  return {
    code: row.reasonCode,
    credential: row.reasonCredential,
    message: row.reasonMessage,
    by: row.reasonBy,
    since: time(row.reasonSince),
  };
}

/** @throws HoldfastError `integration_not_found` */
export async function readView(deps: Rows & Settings & Providers, id: string) {
  const row = await readIntegrationView(deps.pool, id);
  if (row === undefined) throw notFound('int');
  return integrationView(row, deps);
}
