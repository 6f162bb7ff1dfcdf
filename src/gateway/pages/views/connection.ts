import { healthOf } from '../../../../workflows/rules';
import { expiringWithinMs } from '../../../credentials/policy';
import type { Connection } from '../../../db/queries/people/connections';
import { scopesInWords } from '../../../oauth/granted-scopes';
import type { Cause, ConnectionView } from '../../../web/pages/connection-view';
import type { GatewayConfig, Providers, Settings } from '../../deps';
import { reconnectPath, startPath } from '../links';

/**
 * @param countLimit up to how many webhooks were counted
 * @param now Unix milliseconds
 */
export function connectionView(
  connection: Connection,
  { registry, config }: Providers & Settings,
  countLimit: number,
  now = Date.now(),
): ConnectionView {
  const { integrationId, credentials, provider: providerName, status } = connection;
  const provider = registry.get(providerName);
  const several = credentials.length > 1;
  const times = credentials.flatMap(({ lastSuccessAt }) =>
    lastSuccessAt === null ? [] : [Date.parse(lastSuccessAt)],
  );
  return {
    id: integrationId,
    name: connection.name,
    provider: provider?.label ?? providerName,
    status,
    health: healthOf(credentials.map(({ state }) => state)),
    since: connection.since,
    lastSuccessAt: times.length === 0 ? undefined : new Date(Math.max(...times)),
    accounts: [...new Set(credentials.flatMap(({ account }) => account ?? []))],
    permissions: scopesInWords(
      provider?.oauth ?? {},
      credentials.flatMap(({ scopes }) => scopes ?? []),
    ),
    ending: provider?.oauth && endingOf(config, connection, now),
    cause: causeOf(
      {
        code: connection.reasonCode,
        by: connection.reasonBy,
        credential: connection.reasonCredential,
        reason: connection.reasonMessage,
      },
      several,
    ),
    webhooks: {
      pending: Math.min(connection.pending, countLimit),
      andMore: connection.pending > countLimit,
      whenError: connection.whenError,
      whenDisabled: connection.whenDisabled,
      inOrder: connection.inOrder,
    },
    reconnectPath: provider?.oauth === undefined ? undefined : reconnectPath(config, integrationId),
    history: connection.history.flatMap(({ from, to, at, ...why }) => {
      const cause = causeOf(why, several);
      return cause === undefined ? [] : [{ from, to, at: new Date(at), cause }];
    }),
  };
}

/** The first end, of those that are near; of a connection that works. */
function endingOf(
  config: GatewayConfig,
  { integrationId, provider, status, credentials }: Connection,
  now: number,
): ConnectionView['ending'] {
  const [first] = credentials
    .flatMap(({ name, endsAt }) => (endsAt === null ? [] : [{ name, at: new Date(endsAt) }]))
    .filter(({ at }) => at.getTime() > now && at.getTime() <= now + expiringWithinMs)
    .sort((one, other) => one.at.getTime() - other.at.getTime());
  if (first === undefined || status !== 'ENABLED') return undefined;
  return { at: first.at, reconnectPath: startPath(config, provider, integrationId, first.name) };
}

interface Why {
  code: Cause['code'] | null;
  by: string | null;
  credential: string | null;
  reason: string | null;
}

const switches = { switched_off: 'Switched off', switched_on: 'Switched on' } as const;

function causeOf({ code, by, credential, reason }: Why, several: boolean): Cause | undefined {
  if (code === null) return undefined;
  const doer = by ?? 'system';
  const own =
    (code === 'switched_off' || code === 'switched_on') &&
    reason !== `${switches[code]} by ${doer}.`;
  return {
    code,
    by: doer,
    credential: several ? (credential ?? undefined) : undefined,
    // What an operator noted is for operators.
    said: own && (doer === 'user' || doer === 'application') ? (reason ?? undefined) : undefined,
  };
}
