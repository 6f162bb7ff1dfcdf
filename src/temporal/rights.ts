import { type Client, isGrpcServiceError } from '@temporalio/client';
import { sweepScheduleId, taskQueues, workflowTypes } from '../../workflows/contract/ids';
import { ConfigError } from '../config';

/** gRPC status codes (grpc.io, "Status codes and their use in gRPC"). */
export const grpcCodes = {
  invalidArgument: 3,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unauthenticated: 16,
} as const;

const denials: readonly number[] = [
  grpcCodes.permissionDenied,
  grpcCodes.unimplemented,
  grpcCodes.unauthenticated,
];

/** Whether an error says that this client may not do it, whatever it is called where the namespace is hosted. */
export function isDenied(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (isGrpcServiceError(cause)) return denials.includes(cause.code);
  return false;
}

/**
 * Where there is no schedule for the sweep and this client may not make one: with the command for who may.
 * @param owner the installation's id, which its memo names
 */
export function scheduleRefused(
  client: Client,
  { owner, sweepSeconds, cause }: { owner: string; sweepSeconds: number; cause: unknown },
): ConfigError {
  const { namespace } = client.options;
  return new ConfigError(
    [
      `TEMPORAL_NAMESPACE: ${namespace} has no schedule for this installation's sweep, and this client may not make it. Who may runs:`,
      `  temporal schedule create --namespace ${namespace} --schedule-id ${sweepScheduleId} --interval ${sweepSeconds}s` +
        ` --workflow-id ${sweepScheduleId}-workflow --type ${workflowTypes.sweep} --task-queue ${taskQueues.main}` +
        ` --execution-timeout 30m --overlap-policy Skip --catchup-window 1m --input '{}' --schedule-memo 'installation="${owner}"'`,
    ],
    { cause },
  );
}
