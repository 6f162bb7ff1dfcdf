import type { Config } from '../config';
import { readSweepFacts, type SweepFacts } from '../db/queries/sweep/state';
import { createTemporal } from '../temporal/client';
import { isSweepLate } from '../temporal/sweep/health';
import { installationOf } from '../temporal/namespace-owner';
import { describeSweep } from '../temporal/sweep/schedule';
import { askDatabase } from './ask-database';
import { answerLimitMs, type Finding, well, wrong } from './finding';

type Settings = Pick<
  Config,
  'databaseUrl' | 'temporalAddress' | 'temporalNamespace' | 'sweepSeconds'
>;

/** Whether the sweep runs, and is this installation's. A server that can't be asked is another line's business. */
export async function checkSweep(config: Settings): Promise<Finding[]> {
  const { databaseUrl } = config;
  if (databaseUrl === undefined) return [];
  try {
    const [facts, schedule] = await Promise.all([
      askDatabase(databaseUrl, readSweepFacts),
      askTemporal(config),
    ]);
    return judge(facts, schedule, config.sweepSeconds);
  } catch {
    return [];
  }
}

interface ScheduleFacts {
  namespace: string;
  /** Null where there is none. */
  schedule: { paused: boolean; note: string | undefined; installation: string | undefined } | null;
}

async function askTemporal(config: Settings): Promise<ScheduleFacts> {
  const { temporalAddress: address, temporalNamespace: namespace } = config;
  const temporal = createTemporal({ address, namespace });
  const { client } = temporal;
  try {
    const current = await client.withDeadline(Date.now() + answerLimitMs, () =>
      describeSweep(client),
    );
    const schedule =
      current === null
        ? null
        : {
            paused: current.state.paused,
            note: current.state.note,
            installation: installationOf(current),
          };
    return { namespace: client.options.namespace, schedule };
  } finally {
    await temporal.close().catch(() => undefined);
  }
}

function judge(
  facts: SweepFacts,
  { namespace, schedule }: ScheduleFacts,
  sweepSeconds: number,
): Finding[] {
  if (schedule === null)
    return [wrong('Sweep: there is no schedule; a worker makes it when it starts')];
  if (schedule.installation !== undefined && schedule.installation !== facts.installationId) {
    return [
      wrong(
        `Sweep: the namespace ${namespace} is that of another installation (${schedule.installation}, and this database is ${facts.installationId}); workers refuse to start here. Use a namespace of this one's own (TEMPORAL_NAMESPACE)`,
      ),
    ];
  }
  const found: Finding[] = [];
  if (schedule.paused) {
    const why = schedule.note ? ` (${schedule.note})` : '';
    found.push(
      wrong(
        `Sweep: paused${why}; "holdfast temporal schedule toggle --schedule-id holdfast-sweep --unpause --namespace ${namespace}" ends that`,
      ),
    );
  }
  const last =
    facts.lastAt === null ? 'none has ended yet' : `the last ended ${ago(facts.seconds)} ago`;
  if (isSweepLate(facts, sweepSeconds))
    found.push(wrong(`Sweep: late; ${last}, and one is due every ${sweepSeconds} s`));
  const compared =
    facts.comparedSeconds === null
      ? 'actors were not compared with their rows yet'
      : `actors were compared with their rows ${ago(facts.comparedSeconds)} ago`;
  return found.length > 0 ? found : [well(`Sweep: ${last}; ${compared}`)];
}

const ago = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
