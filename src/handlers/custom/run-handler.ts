import type { TokenError } from '../../credentials/token-source';
import { startDeadline, eitherSignal } from '../../lib/abort';
import { messageOf } from '../../lib/errors';
import { storedText } from '../../lib/storable-text';
import type { Handler } from '../../providers/provider';
import {
  tokenResult,
  permanentFailure,
  transientFailure,
  type AttemptResult,
} from '../attempt-result';
import { createContext, type ContextParts } from './context';
import { createDelivery, type StoredDelivery } from './delivery';

const maxMessage = 1_000;
const maxFrames = 3_000;
const maxCauses = 3;
/** How long a handler has to end once its signal has aborted. */
const graceMs = 250;

export interface HandlerRun extends ContextParts {
  handler: Handler;
  delivery: StoredDelivery;
  timeoutMs: number;
  /** Ends the attempt without a result (the lease or the process ends). */
  signal: AbortSignal;
  /** Tells the handler that its integration is held: it may go on, or throw and be run again after that. */
  hold?: AbortSignal | undefined;
}

/**
 * Runs a handler from the configuration file. Never rejects. A handler that ignores its signal is
 * left behind, with a `ctx.fetch` that sends nothing any more.
 */
export async function runHandler(run: HandlerRun): Promise<AttemptResult> {
  const deadline = startDeadline(run.timeoutMs, run.signal);
  let tokenError: TokenError | undefined;
  const ownSignal = eitherSignal(deadline.signal, run.hold);
  const signals = { signal: ownSignal.signal, sending: deadline.signal };
  const context = createContext(run, signals, (error) => {
    tokenError ??= error;
  });
  try {
    const settled = await settle(
      () => run.handler(createDelivery(run.delivery), context),
      deadline.signal,
      graceMs,
    );
    const calledOff = run.signal.aborted || run.isOver?.() === true;
    // A wait for a token that was called off with the attempt tells nothing of the credential.
    const isUnsaid = settled.kind !== 'done' || tokenError !== undefined;
    if (isUnsaid && calledOff) return { kind: 'aborted' };
    // A handler that catches the error has handled nothing with a live token either.
    if (tokenError !== undefined) return tokenResult(tokenError);
    if (settled.kind === 'threw' && run.hold?.aborted === true) return { kind: 'aborted' };
    if (settled.kind !== 'done' && deadline.isOver()) return timedOut(run, settled);
    return handlerResult(run, settled);
  } finally {
    ownSignal.clear();
    deadline.clear();
  }
}

function timedOut(run: HandlerRun, settled: Settled): AttemptResult {
  const late = `The handler was not done within ${run.timeoutMs} ms`;
  if (settled.kind === 'threw') {
    const error = `${late}\n${told(run, settled.error)}`;
    return { ...transientFailure(error), thrown: true };
  }
  run.log.warn(
    { event: 'handler.left_behind', deliveryId: run.delivery.id },
    'A handler ignores its signal, and goes on without its attempt',
  );
  return transientFailure(`${late}; it ignores ctx.signal and may still be running`);
}

function handlerResult(run: HandlerRun, settled: Settled): AttemptResult {
  if (settled.kind !== 'threw') return { kind: 'handled', status: null, answer: null };
  const error = told(run, settled.error);
  const failed = isPermanent(settled.error) ? permanentFailure(error) : transientFailure(error);
  return { ...failed, thrown: true };
}

/** Logs where it was thrown. @returns what is stored: with the words, which may quote what a customer sent */
function told({ log }: HandlerRun, error: unknown): string {
  const message = storedText(withCauses(error), maxMessage);
  const stack = storedText(framesOf(error), maxFrames);
  log.warn({ event: 'handler.threw', stack }, 'A handler threw an error');
  return stack === '' ? message : `${message}\n${stack}`;
}

/** `fetch` itself says no more than that it failed. */
function withCauses(error: unknown): string {
  const sentences = [sentence(error)];
  let { cause } = error instanceof Error ? error : {};
  for (let depth = 0; depth < maxCauses && cause instanceof Error; depth++) {
    sentences.push(sentence(cause));
    ({ cause } = cause);
  }
  return sentences.join('; caused by: ');
}

/** Where it was thrown: the stack without its first lines, which repeat the message. */
function framesOf(error: unknown): string {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return '';
  const { message, stack } = error;
  const lines = stack.slice(Math.max(0, stack.indexOf(message)) + message.length).split('\n');
  return lines.filter((line) => /^ {4}at \S/.test(line)).join('\n');
}

/** Anything can be thrown, also what can't be made into text. */
function sentence(error: unknown): string {
  const known = error instanceof Error || typeof error === 'string';
  return known ? messageOf(error) : 'The handler threw something that is no error';
}

/** By name: the configuration file may have got its class from another copy of the package. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && error.name === 'PermanentError';
}

/** How some work ended; `running` is work that goes on after it was told to stop. */
type Settled = { kind: 'done' } | { kind: 'threw'; error: unknown } | { kind: 'running' };

/**
 * Waits for work, but once the signal aborts no longer than the grace. Never rejects; what becomes
 * of work that was left behind is nobody's business any more, its error included.
 */
async function settle(work: () => unknown, signal: AbortSignal, graceMs: number): Promise<Settled> {
  const ended = Promise.resolve()
    .then(work)
    .then<Settled, Settled>(
      () => ({ kind: 'done' }),
      (error: unknown) => ({ kind: 'threw', error }),
    );
  let timer: NodeJS.Timeout | undefined;
  let giveUp: () => void = () => undefined;
  const left = new Promise<Settled>((resolve) => {
    giveUp = () => {
      timer = setTimeout(() => resolve({ kind: 'running' }), graceMs);
    };
  });
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([ended, left]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
