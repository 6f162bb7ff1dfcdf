import type { CredentialInvalidated } from '../../../workflows/contract/messages';
import { integrationsUsing } from '../../db/queries/credentials/death';
import { whyNotTaken } from '../../temporal/actor-errors';
import type { Logger } from '../../lib/log';
import { waitAtMost } from '../../lib/timing';
import { signalPaced } from '../../temporal/paced-signals';
import type { ActorSignals, Rows } from '../deps';

/** Long enough for a Temporal that is there, short enough for a caller when it isn't. */
const callerWaitsMs = 1_000;

type Message = () => Promise<void>;

/**
 * Sends messages to actors, paced; waits a moment for it, and never fails: what they are about is in Postgres already,
 * and the sweep signals for whatever got lost.
 */
export async function wakeActors(log: Logger, messages: readonly Message[]): Promise<void> {
  const sent = signalPaced(messages, (message) =>
    message().catch((error: unknown) => {
      log.warn(
        { event: 'actor.not_signalled', err: whyNotTaken(error) },
        'An actor could not be signalled; the sweep does it',
      );
    }),
  );
  await waitAtMost(sent, callerWaitsMs);
}

/** Tells every integration that uses a credential, once its death is committed. */
export async function announceDeath(
  { pool, actors, log }: Rows & ActorSignals,
  death: CredentialInvalidated,
): Promise<void> {
  const users = await integrationsUsing(pool, death.credentialId);
  await wakeActors(
    log,
    users.map((id) => () => actors.credentialInvalidated(id, death)),
  );
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
  const message = { credentialId, version };
  // First the one whose person waits for it.
  const resumed = integrationIds.filter((id) => id === resume);
  const others = integrationIds.filter((id) => id !== resume);
  const messages: Message[] = [
    () => actors.lookAtCredential(credentialId, version, 'stored'),
    ...resumed.map((id) => () => actors.reauthorized(id, { ...message, resume: true })),
    ...others.map((id) => () => actors.reauthorized(id, message)),
  ];
  const lost = await signalPaced(messages, (send) => send());
  if (lost.length === 0) return;
  log.warn(
    {
      event: 'credential.tokens_not_announced',
      ...message,
      messages: messages.length,
      lost: lost.length,
      err: whyNotTaken(lost[0]),
    },
    'Stored tokens could not be announced to every actor; the sweep does it',
  );
}
