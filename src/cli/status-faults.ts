import { type Static, Type } from 'typebox';
import { several, withAge } from './output';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
const count = orNull(Type.Number());
const time = orNull(Type.String());

/** What `GET /v1/status` answers; null is what can't be told. */
export const overviewSchema = Type.Object({
  at: Type.String(),
  integrations: Type.Object({ ENABLED: count, DISABLED: count, ERROR: count }),
  broken: orNull(
    Type.Array(
      Type.Object({
        provider: Type.String(),
        code: Type.String(),
        count: Type.Number(),
        oldestSince: Type.String(),
        example: Type.String(),
      }),
    ),
  ),
  deliveries: Type.Object({ due: count, parked: count, deadLetters: count, oldestDueAt: time }),
  failingDestinations: orNull(
    Type.Array(
      Type.Object({
        origin: Type.String(),
        integrations: Type.Number(),
        since: Type.String(),
        error: Type.String(),
      }),
    ),
  ),
  holds: count,
  applicationFaults: count,
  notifications: Type.Object({ waiting: count, oldestAt: time }),
  sweep: Type.Object({
    lastAt: time,
    late: orNull(Type.Boolean()),
    paused: orNull(Type.Boolean()),
  }),
  actors: orNull(Type.Object({ stuck: count, healedLastDay: count })),
  schema: Type.Object({ version: orNull(Type.Number()), pending: count }),
  database: Type.Object({ bytes: count }),
});
export type Overview = Static<typeof overviewSchema>;

/** Something that is wrong, and what to do. */
export interface Fault {
  what: string;
  remedy: string;
}

/** What was received so long ago should be handled; what waits for so long should have been sent. In milliseconds. */
export const lateMs = 5 * 60_000;

/** What is wrong, what concerns the most first. */
export function faultsOf(overview: Overview): Fault[] {
  return [
    ...systemFaults(overview),
    ...unknownFaults(overview),
    ...applicationFaults(overview),
    ...userFaults(overview),
  ];
}

/** What isn't known isn't well. */
function unknownFaults(overview: Overview): Fault[] {
  const { integrations, deliveries, notifications, sweep, schema, database } = overview;
  const parts = {
    integrations: integrations.ENABLED,
    'broken integrations': overview.broken,
    deliveries: deliveries.due,
    'dead letters': deliveries.deadLetters,
    'failing destinations': overview.failingDestinations,
    holds: overview.holds,
    'application faults': overview.applicationFaults,
    notifications: notifications.waiting,
    sweep: sweep.late,
    schema: schema.pending,
    'database size': database.bytes,
  };
  const unknown = Object.entries(parts).flatMap(([name, value]) => (value === null ? [name] : []));
  if (unknown.length === 0) return [];
  return [
    {
      what: `Could not be told: ${unknown.join(', ')}.`,
      remedy:
        'Ask again. If it stays so, Postgres is too slow or its schema is older: "holdfast doctor".',
    },
  ];
}

/** What stands still for everybody. */
function systemFaults({ schema, sweep, actors, deliveries, at }: Overview): Fault[] {
  const faults: Fault[] = [];
  if ((schema.pending ?? 0) > 0) {
    faults.push({
      what: `The database lacks ${several(schema.pending ?? 0, 'migration')}.`,
      remedy: 'Run "holdfast migrate".',
    });
  }
  if (sweep.paused === null) {
    faults.push({
      what: "Whether the sweep is paused could not be learnt: Temporal doesn't answer, or no worker has made its schedule yet.",
      remedy:
        'Ask again. While Temporal is away webhooks are stored, and none is handled: "holdfast doctor" says whether it answers.',
    });
  }
  if (sweep.paused === true) {
    faults.push({
      what: "The sweep is paused: what a lost message leaves undone isn't found.",
      remedy:
        'Run "holdfast temporal schedule toggle --schedule-id holdfast-sweep --unpause", or unpause it in the Temporal UI.',
    });
  }
  if (sweep.late === true) {
    const last = withAge(sweep.lastAt, Date.parse(at));
    faults.push({
      what: `The sweep is late: ${last === null ? 'none has come to its end yet' : `the last was at ${last}`}.`,
      remedy: 'A worker and Temporal have to run: "holdfast doctor" says whether they do.',
    });
  }
  if ((actors?.stuck ?? 0) > 0) {
    faults.push({
      what: `${several(actors?.stuck ?? 0, 'actor')} stuck: what they are for stands still.`,
      remedy:
        'Each sweep starts them anew, three times in ten minutes. "holdfast doctor" names them; the log says why (actor.healed, actor.stuck).',
    });
  }
  if (isLate(deliveries.oldestDueAt, at)) {
    const since = withAge(deliveries.oldestDueAt, Date.parse(at)) ?? '';
    faults.push({
      what: `Deliveries are late: the oldest of ${deliveries.due ?? 'those'} that are due came ${since}.`,
      remedy:
        'A destination fails (see below), or workers are missing or too few: "holdfast doctor".',
    });
  }
  return faults;
}

/** What the application's people have to mend. */
function applicationFaults(overview: Overview): Fault[] {
  const { at, failingDestinations, notifications, deliveries } = overview;
  const faults: Fault[] = [];
  const rejecting = overview.applicationFaults ?? 0;
  if (rejecting > 0) {
    faults.push({
      what: `${several(rejecting, 'provider')} reject${rejecting === 1 ? 's' : ''} the application itself.`,
      remedy:
        'Correct the client id and secret (the log names the provider: application_fault.began), and restart the workers.',
    });
  }
  for (const { origin, integrations, since, error } of failingDestinations ?? []) {
    const sinceText = withAge(since, Date.parse(at)) ?? since;
    const [, handler] = /^handler:(.*)$/.exec(origin) ?? [];
    faults.push({
      what: `${handler === undefined ? origin : `The handler "${handler}"`} fails for ${several(integrations, 'integration')} since ${sinceText}: ${error}`,
      remedy:
        handler === undefined
          ? 'Mend the destination: what waits is sent by itself, and a replay sends what was given up.'
          : 'Mend the handler, and restart the workers: what waits is handled by itself, and a replay handles what was given up. GET /v1/deliveries/<id> has the stack.',
    });
  }
  if (isLate(notifications.oldestAt, at)) {
    const since = withAge(notifications.oldestAt, Date.parse(at)) ?? '';
    faults.push({
      what: `${several(notifications.waiting ?? 0, 'notification')} not taken, the oldest since ${since}.`,
      remedy:
        'Look at what listens at HOLDFAST_NOTIFY_URL: "holdfast doctor" says what it answers.',
    });
  }
  if ((deliveries.deadLetters ?? 0) > 0) {
    faults.push({
      what: `${several(deliveries.deadLetters ?? 0, 'dead letter')}.`,
      remedy:
        'GET /v1/integrations/<id>/deliveries?state=failed says why; POST /v1/integrations/<id>/replay tries them again.',
    });
  }
  return faults;
}

/** What its users have to reconnect. */
function userFaults({ at, broken }: Overview): Fault[] {
  return (broken ?? []).map(({ provider, code, count, oldestSince, example }) => ({
    what: `${several(count, 'integration')} of ${provider} broken: ${code}, the oldest since ${withAge(oldestSince, Date.parse(at)) ?? oldestSince} (${example}).`,
    remedy: `Their users have to reconnect: GET /v1/integrations?status=ERROR&provider=${provider} lists them.`,
  }));
}

const isLate = (since: string | null, at: string) =>
  since !== null && Date.parse(at) - Date.parse(since) > lateMs;
