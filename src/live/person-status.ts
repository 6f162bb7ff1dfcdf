import type { IntegrationStatus } from '../../workflows/contract/status';
import { isNotConnectedYet } from '../../workflows/rules';
import type { ConnectorRow, PersonStatusRow } from '../db/queries/people/status';
import type { Registry } from '../providers/registry';

/** What a person is told about their connections. Times are RFC 3339 in UTC. */
export interface PersonStatus {
  userId: string;
  /** By name. */
  connectors: Record<string, ConnectorStatus>;
  /** Without those that were never connected. */
  anyNeedsReauth: boolean;
  hold: { by: 'user' | 'operator'; reason: string | null; since: string | null } | null;
}

export interface ConnectorStatus {
  status: 'connected' | 'needs_reauth' | 'disabled';
  errorCode: string | null;
  lastSuccessAt: string | null;
  lastFailureAt: string | null;
  /** Webhooks that are kept and not handled yet. */
  pending: number;
  /** Carries no token; null where there is nothing to connect. */
  reconnectUrl: string | null;
  /** The provider's name, as people know it. */
  label: string;
  /** Since when the status is what it is. */
  since: string;
  /** Whether updates arrive where they go; why not is for the application's operators. */
  deliveryHealth: { state: 'ok' | 'failing'; since: string | null };
}

const words = {
  ENABLED: 'connected',
  ERROR: 'needs_reauth',
  DISABLED: 'disabled',
} as const satisfies Record<IntegrationStatus, ConnectorStatus['status']>;

export interface StatusOptions {
  registry: Registry;
  publicUrl: string;
}

/** Pure. @param rows one person's @param pendingOf how many of an integration's wait */
export function personStatus(
  userId: string,
  rows: readonly PersonStatusRow[],
  pendingOf: (row: ConnectorRow) => number,
  options: StatusOptions,
): PersonStatus {
  const own = rows.filter((row) => row.integrationId !== null);
  const [hold] = rows;
  return {
    userId,
    connectors: Object.fromEntries(
      own.map((row) => [row.name, connectorStatus(row, pendingOf(row), options)]),
    ),
    anyNeedsReauth: own.some((row) => row.status === 'ERROR' && !isNew(row)),
    hold:
      hold === undefined || hold.holdBy === null
        ? null
        : { by: hold.holdBy, reason: hold.holdReason, since: time(hold.holdSince) },
  };
}

function connectorStatus(
  row: ConnectorRow,
  pending: number,
  { registry, publicUrl }: StatusOptions,
): ConnectorStatus {
  const provider = registry.get(row.provider);
  return {
    status: words[row.status],
    errorCode: errorCodeOf(row),
    lastSuccessAt: time(row.lastSuccessAt),
    lastFailureAt: time(row.lastFailureAt),
    pending,
    reconnectUrl:
      provider?.oauth === undefined ? null : `${publicUrl}/reconnect/${row.integrationId}`,
    label: provider?.label ?? row.provider,
    since: row.since.toISOString(),
    deliveryHealth: {
      state: row.failingSince === null ? 'ok' : 'failing',
      since: time(row.failingSince),
    },
  };
}

const isNew = ({ status, reasonCode, health }: ConnectorRow): boolean =>
  isNotConnectedYet(status, reasonCode, health);

/** Where one was never connected and another one has died, the dead one's: a moment before the reason says so, too. */
function errorCodeOf(row: ConnectorRow): string | null {
  if (row.status !== 'ERROR') return row.healthCode;
  return row.reasonCode === 'not_connected' && !isNew(row) ? row.healthCode : row.reasonCode;
}

const time = (value: Date | null): string | null => value?.toISOString() ?? null;
