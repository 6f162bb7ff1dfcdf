import { Gauge, type Registry } from 'prom-client';
import { workflowTypes } from '../../workflows/contract/ids';
import { pendingMigrations } from '../db/migrate';
import type { Queryable } from '../db/pool';
import { type Backlog, readBacklog } from '../db/queries/deliveries/backlog';
import { readDatabaseBytes } from '../db/queries/overview';
import * as rows from '../db/queries/snapshot';
import { incidentTypes } from '../notifications/incidents';
import { prefix } from './registry';
import { by, known, type Sample } from './samples';

/** What one statement says, in one gauge or more. */
export interface SnapshotPart {
  name: string;
  /** Shows what is read. @throws Error where it can't be; what was shown stays then */
  read(db: Queryable): Promise<void>;
  /** Shows nothing. */
  drop(): void;
}

/** Replaces what a gauge shows. */
type Show = (samples: readonly Sample[]) => void;

/** All gauges that are read from Postgres: they show nothing until then. */
export function createSnapshotGauges(registry: Registry): {
  parts: readonly SnapshotPart[];
  /** When all of them were last read. @param seconds since 1970; null: by another process */
  showTime(seconds: number | null): void;
  /** Null: it can't be told. */
  showPaused(isPaused: boolean | null): void;
} {
  function gauge(name: string, help: string, ...labelNames: string[]): Show {
    const own = new Gauge({ name: prefix + name, help, labelNames, registers: [registry] });
    const show: Show = (samples) => {
      own.reset();
      // A reset one without labels shows zero.
      if (labelNames.length === 0) own.remove();
      for (const [labels, value] of samples) own.set(labels, value);
    };
    show([]);
    return show;
  }

  function part<T>(
    name: string,
    read: (db: Queryable) => Promise<T>,
    ...shown: readonly (readonly [Show, (what: T) => readonly Sample[]])[]
  ): SnapshotPart {
    return {
      name,
      read: async (db) => {
        const what = await read(db);
        for (const [show, samplesOf] of shown) show(samplesOf(what));
      },
      drop: () => {
        for (const [show] of shown) show([]);
      },
    };
  }

  const most = `counted up to ${rows.snapshotCountsAtMost.toLocaleString('en')}`;
  const parts = [
    part(
      'integrations',
      rows.groupIntegrations,
      [
        gauge(
          'integrations',
          'Integrations, by provider, status and the code of its reason (empty where ENABLED).',
          ...['provider', 'status', 'code'],
        ),
        (groups) =>
          groups.map(({ provider, status, code, count }) => [{ provider, status, code }, count]),
      ],
      [
        gauge(
          'integrations_oldest_error_timestamp_seconds',
          'Since when the integration that has been in ERROR for longest is; those never connected are left out.',
          'provider',
        ),
        oldestErrors,
      ],
    ),
    part('credentials', rows.groupCredentials, [
      gauge('credentials', 'Credentials, by provider and state.', 'provider', 'state'),
      (groups) => groups.map(({ provider, state, count }) => [{ provider, state }, count]),
    ]),
    part(
      'pending',
      (db) => readBacklog(db, rows.snapshotCountsAtMost),
      [
        gauge(
          'deliveries_pending',
          `Deliveries that are not handled yet: due, or parked by a status or a hold; ${most} of each.`,
          'kind',
        ),
        (backlog) => kinds.map((kind) => [{ kind }, backlog[kind]]),
      ],
      [
        gauge(
          'deliveries_oldest_pending_timestamp_seconds',
          'When the delivery that has been pending for longest was received, queued again, or its integration ENABLED.',
          'kind',
        ),
        (backlog) => kinds.flatMap((kind) => known({ kind }, oldestOf(backlog, kind))),
      ],
    ),
    part('dead_letters', rows.groupDeadLetters, [
      gauge(
        'dead_letters',
        `Deliveries that are not tried again; ${most}, the newest.`,
        'provider',
      ),
      by('provider'),
    ]),
    part(
      'notifications',
      rows.readWaitingNotifications,
      [
        gauge('notifications_waiting', `Notifications that are not delivered yet; ${most}.`),
        (waiting) => known({}, waiting?.count),
      ],
      [
        gauge(
          'notifications_oldest_waiting_timestamp_seconds',
          'When the notification was made that has waited for longest.',
        ),
        (waiting) => known({}, waiting?.oldest),
      ],
    ),
    part('incidents', rows.groupIncidents, [
      gauge('incidents', 'Incidents that go on, by the type of their notification.', 'type'),
      (groups) => by('type', Object.values(incidentType))(groups.map(typed)),
    ]),
    part('holds', rows.groupHolds, [
      gauge('holds', "Holds that stand: the operator's, and people's own pauses.", 'by'),
      by('by', ['operator', 'user']),
    ]),
    part('application_faults', rows.groupApplicationFaults, [
      gauge(
        'application_faults',
        '1 while a provider rejects this application itself.',
        'provider',
      ),
      by('provider'),
    ]),
    part('actors_stuck', rows.groupStuckActors, [
      gauge('actors_stuck', "Actors that can't go on, by the type of their workflow.", 'workflow'),
      by('workflow', Object.values(workflowTypes)),
    ]),
    part('sweep', rows.readLastSweep, [
      gauge('sweep_last_success_timestamp_seconds', 'When a sweep last came to its end.'),
      (at) => known({}, at),
    ]),
    part('schema', pendingMigrations, [
      gauge('schema_migrations_pending', 'Migrations of this version that the database lacks.'),
      ({ length }) => [[{}, length]],
    ]),
    part('database_size', readDatabaseBytes, [
      gauge('database_size_bytes', 'Size of the database on disk.'),
      (bytes) => known({}, bytes),
    ]),
  ];
  const time = gauge(
    'snapshot_timestamp_seconds',
    'When this process last read all gauges from Postgres; absent where another one does.',
  );
  const paused = gauge(
    'sweep_paused',
    "1 while the sweep's schedule is paused in Temporal; absent where Temporal can't tell.",
  );
  return {
    parts,
    showTime: (seconds) => time(known({}, seconds)),
    showPaused: (isPaused) => paused(known({}, isPaused === null ? null : Number(isPaused))),
  };
}

const kinds = ['due', 'parked'] as const;

/** Seconds since 1970. */
const oldestOf = ({ oldestDueAt, oldestParkedAt }: Backlog, kind: (typeof kinds)[number]) =>
  seconds(kind === 'due' ? oldestDueAt : oldestParkedAt);
const seconds = (at: Date | null) => at && at.getTime() / 1_000;

const incidentType: Readonly<Record<string, string>> = {
  ...incidentTypes,
  failing_origin: 'delivery.failing',
};

const typed = ({ of, count }: rows.Group): rows.Group => ({ of: incidentType[of] ?? of, count });

function oldestErrors(groups: readonly rows.IntegrationGroup[]): Sample[] {
  const oldest = new Map<string, number>();
  for (const { provider, oldestError } of groups) {
    if (oldestError === null) continue;
    oldest.set(provider, Math.min(oldest.get(provider) ?? Infinity, oldestError));
  }
  return [...oldest].map(([provider, at]) => [{ provider }, at]);
}
