import type { Client, ScheduleDescription } from '@temporalio/client';
import { ConfigError } from '../config';
import type { Queryable } from '../db/pool';
import { areAnyOurs } from '../db/queries/sweep/actor-rows';
import { sweepScheduleId, taskQueues, workflowTypes } from '../../workflows/contract/ids';

/**
 * The namespace is another installation's: each would end the other's actors, whose rows it doesn't have. Its first problem says what
 * was found, its second what to do where that is wanted.
 */
export class NamespaceTakenError extends ConfigError {}

/** Of the schedule's memo: the id of the installation whose sweep it is. */
export const installationMemo = 'installation';

/** @returns undefined where an older version made it */
export function installationOf({ memo }: ScheduleDescription): string | undefined {
  const named = memo?.[installationMemo];
  return named === undefined || typeof named === 'string' ? named : JSON.stringify(named);
}

/** @param owner whose the schedule is, by its memo @param own this database's */
export function otherInstallation(client: Client, owner: string, own: string) {
  return taken(
    client,
    `the sweep in it is that of the installation ${owner}, and this database is the installation ${own}`,
  );
}

const types = (names: readonly string[]) => `WorkflowType IN ("${names.join('", "')}")`;
const { integration, credential, notification, replay } = workflowTypes;
const runningOnes = `TaskQueue = "${taskQueues.main}" AND ExecutionStatus = "Running"`;
/** As many as Temporal lists at once: of those that began last, one that is ours says that all are. */
const sampleSize = 1_000;

/**
 * Without a schedule that names its installation, those who run say whose the namespace is.
 * @throws NamespaceTakenError where actors run, and no row of this database is theirs
 */
export async function refuseOthersActors(client: Client, db: Queryable): Promise<void> {
  const { executions } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `${types([integration, credential])} AND ${runningOnes}`,
    pageSize: sampleSize,
  });
  const ids = executions.flatMap(({ execution }) => execution?.workflowId ?? []);
  if (ids.length === 0 || (await areAnyOurs(db, ids))) return;
  const some = `${ids.length}${ids.length === sampleSize ? ' or more' : ''}`;
  throw taken(
    client,
    `${some} actors run in it, and this database has a row of none of them (${ids[0]} is one)`,
  );
}

function taken(client: Client, found: string): NamespaceTakenError {
  const { namespace } = client.options;
  const query = `${types([integration, credential, notification, replay])} AND ${runningOnes}`;
  return new NamespaceTakenError([
    `TEMPORAL_NAMESPACE: the namespace "${namespace}" is another installation's: ${found}; ` +
      'allowed: a namespace that no other installation uses, since each would end the actors of the other',
    'If this database has taken the place of the other one on purpose, end what that one left, and start again: ' +
      `temporal workflow terminate --namespace ${namespace} --query '${query}' --reason 'its database is gone' --yes; ` +
      `temporal schedule delete --namespace ${namespace} --schedule-id ${sweepScheduleId}`,
  ]);
}
