import { messageOf } from '../../lib/errors';
import type { Logger } from '../../lib/log';
import type { ActorSignals } from '../deps';
import { waitAtMost } from '../../lib/timing';

/** Long enough for a Temporal that is there, short enough for a caller when it isn't. */
const callerWaitsMs = 1_000;

/**
 * Waits a moment for messages to actors, and never fails: what they are about is in Postgres already, and
 * the sweep signals for whatever got lost.
 */
export async function wakeActors(log: Logger, messages: readonly Promise<void>[]): Promise<void> {
  const sent = messages.map((message) =>
    message.catch((error: unknown) => {
      log.warn({ err: messageOf(error) }, 'an actor was not told; the sweep will');
    }),
  );
  await waitAtMost(Promise.all(sent), callerWaitsMs);
}

interface TokensStored {
  credentialId: string;
  version: number;
  /** Every integration that uses the credential. */
  integrationIds: readonly string[];
  /** The one that is brought back even if it was switched off. */
  resume?: string | undefined;
}

/** What a person waits while Temporal is away; the messages go on being tried. */
const personWaitsMs = 2_000;

/**
 * Tells the actors, once the tokens are committed. It never fails: the rows are the record, and the
 * sweep tells those that could not be told.
 */
export async function announceTokens(deps: ActorSignals, stored: TokensStored): Promise<void> {
  await waitAtMost(announce(deps, stored), personWaitsMs);
}

async function announce(
  { actors, log }: ActorSignals,
  { credentialId, version, integrationIds, resume }: TokensStored,
): Promise<void> {
  const told = await Promise.allSettled([
    actors.lookAtCredential(credentialId, version, 'stored'),
    ...integrationIds.map((integrationId) =>
      actors.reauthorized(integrationId, {
        credentialId,
        version,
        ...(integrationId === resume ? { resume: true } : {}),
      }),
    ),
  ]);
  const lost = told.filter((outcome) => outcome.status === 'rejected');
  const [first] = lost;
  if (first === undefined) return;
  log.warn(
    {
      credentialId,
      version,
      messages: told.length,
      lost: lost.length,
      err: messageOf(first.reason),
    },
    'stored tokens could not be announced; the sweep will do it',
  );
}
