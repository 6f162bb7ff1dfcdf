import { isGrpcServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type ErrorCode, HoldfastError, errorStatuses, messageOf } from '../lib/errors';

const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(errorStatuses, value);

function failureOf(error: unknown): ApplicationFailure | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return cause;
  }
  return undefined;
}

function isCancelled(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CancelledFailure) return true;
  }
  return false;
}

/** An update that its workflow accepted and did not live to answer, or whose work was cancelled with it. */
export function wasCutOff(error: unknown): boolean {
  return (
    error instanceof WorkflowUpdateFailedError &&
    (failureOf(error)?.type === 'AcceptedUpdateCompletedWorkflow' || isCancelled(error.cause))
  );
}

/** What a sender is told: the actor's own refusal by its code, everything else as unavailable. */
export function actorError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const failure = failureOf(error);
  if (failure !== undefined && isErrorCode(failure.type)) {
    return new HoldfastError(failure.type, failure.message, { cause: error });
  }
  const detail = isGrpcServiceError(error) ? error.details : messageOf(error);
  return new HoldfastError('temporal_unavailable', `Temporal did not take the message: ${detail}`, {
    cause: error,
    retryAfterSeconds: 5,
  });
}

/**
 * Why a message was not taken: what the server, or the way to it, says. For the log alone, for it may name addresses;
 * the client's own error says no more than which call it was.
 */
export function whyNotTaken(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return messageOf(cause);
  }
  return messageOf(error);
}
