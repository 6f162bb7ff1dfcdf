import { healthOf } from '../../../../workflows/rules';
import type { Connection } from '../../../db/queries/people/connections';
import type { Registry } from '../../../providers/registry';
import type { Cause, ConnectionView } from '../../../web/pages/connection-view';

/** @param countLimit up to how many webhooks were counted */
export function connectionView(
  connection: Connection,
  registry: Registry,
  countLimit: number,
): ConnectionView {
  const { credentials, provider: providerName, status } = connection;
  const provider = registry.get(providerName);
  const several = credentials.length > 1;
  const times = credentials.flatMap(({ lastSuccessAt }) =>
    lastSuccessAt === null ? [] : [Date.parse(lastSuccessAt)],
  );
  return {
    id: connection.integrationId,
    name: connection.name,
    provider: provider?.label ?? providerName,
    status,
    health: healthOf(credentials.map(({ state }) => state)),
    since: connection.since,
    lastSuccessAt: times.length === 0 ? undefined : new Date(Math.max(...times)),
    accounts: [...new Set(credentials.flatMap(({ account }) => account ?? []))],
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
    reconnectPath:
      provider?.oauth === undefined ? undefined : `/reconnect/${connection.integrationId}`,
    history: connection.history.flatMap(({ from, to, at, ...why }) => {
      const cause = causeOf(why, several);
      return cause === undefined ? [] : [{ from, to, at: new Date(at), cause }];
    }),
  };
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
