import { healthOf } from '../../../../workflows/rules';
import { expiringWithinMs } from '../../../credentials/policy';
import type { Connection } from '../../../db/queries/people/connections';
import { isUnanswered } from '../../../handlers/attempt-result';
import { scopesInWords } from '../../../oauth/granted-scopes';
import { saysTheSame } from '../../../web/words/names';
import type { Cause, ConnectionView } from '../../../web/pages/connection-view';
import type { GatewayConfig, Providers, Settings } from '../../deps';
import { reconnectPath, startPath } from '../links';

/**
 * All of a person's, together: what tells them apart follows from the others.
 *
 * @param now Unix milliseconds
 */
export function connectionViews(
  connections: readonly Connection[],
  deps: Providers & Settings,
  asSeen: AsSeen,
  now = Date.now(),
): ConnectionView[] {
  const isShared = sharedLabels(connections);
  const views = connections.map((connection) =>
    connectionView(connection, deps, { ...asSeen, now, isShared }),
  );
  const bare = views.filter(({ nameBeside }) => nameBeside === undefined);
  return views.map((view) => {
    const isAlone = bare.filter(({ provider }) => saysTheSame(provider, view.provider)).length < 2;
    return view.nameBeside === undefined && !isAlone ? { ...view, nameBeside: view.name } : view;
  });
}

interface AsSeen {
  /** Up to how many webhooks were counted. */
  countLimit: number;
  /** Whether a reconnect of that integration, in the session that looks, switches it on. */
  switchesOn: (integrationId: string) => boolean;
}

type IsShared = (provider: string, label: string) => boolean;

/** Labels that two accounts at one provider have: "Ada" and "Ada" are told apart by their ids. */
function sharedLabels(connections: readonly Connection[]): IsShared {
  const ids = new Map<string, Set<string | null>>();
  const key = (provider: string, label: string) => JSON.stringify([provider, label]);
  for (const { provider, credentials } of connections) {
    for (const { account, accountId } of credentials) {
      if (account === null) continue;
      const known = ids.get(key(provider, account)) ?? new Set();
      ids.set(key(provider, account), known.add(accountId));
    }
  }
  return (provider, label) => (ids.get(key(provider, label))?.size ?? 0) > 1;
}

function accountsOf({ provider, credentials }: Connection, isShared: IsShared): string[] {
  const names = credentials.flatMap(({ account, accountId }) =>
    account === null
      ? []
      : accountId !== null && accountId !== account && isShared(provider, account)
        ? `${account} (${accountId})`
        : account,
  );
  return [...new Set(names)];
}

function connectionView(
  connection: Connection,
  { registry, config }: Providers & Settings,
  { countLimit, switchesOn, now, isShared }: AsSeen & { now: number; isShared: IsShared },
): ConnectionView {
  const { integrationId, credentials, provider: providerName, status } = connection;
  const provider = registry.get(providerName);
  const label = provider?.label ?? providerName;
  const several = credentials.length > 1;
  const times = credentials.flatMap(({ lastSuccessAt }) =>
    lastSuccessAt === null ? [] : [Date.parse(lastSuccessAt)],
  );
  return {
    id: integrationId,
    name: connection.name,
    nameBeside: saysTheSame(label, connection.name) ? undefined : connection.name,
    provider: label,
    logoUrl: provider?.logoUrl,
    status,
    health: healthOf(credentials.map(({ state }) => state)),
    since: connection.since,
    lastSuccessAt: times.length === 0 ? undefined : new Date(Math.max(...times)),
    lastUpdateAt: connection.lastUpdateAt ?? undefined,
    accounts: accountsOf(connection, isShared),
    permissions: scopesInWords(
      provider?.oauth ?? {},
      credentials.flatMap(({ scopes }) => scopes ?? []),
    ),
    asked: scopesInWords(provider?.oauth ?? {}, provider?.oauth?.scopes ?? []),
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
    failing: failingOf(connection),
    updates: {
      pending: Math.min(connection.pending, countLimit),
      andMore: connection.pending > countLimit,
      whenError: connection.whenError,
      whenDisabled: connection.whenDisabled,
      inOrder: connection.inOrder,
    },
    reconnectPath: provider?.oauth === undefined ? undefined : reconnectPath(config, integrationId),
    reconnectSwitchesOn: switchesOn(integrationId),
    history: connection.history.flatMap(({ from, to, at, ...why }) => {
      const cause = causeOf(why, several);
      return cause === undefined ? [] : [{ from, to, at: new Date(at), cause }];
    }),
  };
}

/** Where nothing waits it is nothing to a person, and nobody knows whether it still does. */
function failingOf(connection: Connection): ConnectionView['failing'] {
  const { pending, failingSince: since, failingError, nextAttemptAt } = connection;
  if (since === null || pending === 0) return undefined;
  const isUnanswering = isUnanswered(failingError ?? '');
  return { since, isUnanswering, nextAttemptAt: nextAttemptAt ?? undefined };
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
