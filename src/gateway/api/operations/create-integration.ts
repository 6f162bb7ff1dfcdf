import type { PoolClient } from 'pg';
import { errorReason, rankOf } from '../../../../workflows/rules';
import { linkCredential } from '../../../db/queries/credentials/insert';
import {
  insertCreation,
  insertIntegration,
  type NewIntegration,
} from '../../../db/queries/integrations/insert';
import { loadTokenHash } from '../../../db/queries/encryption/hash-key';
import { inTransaction } from '../../../db/transaction';
import { HoldfastError } from '../../../lib/errors';
import { newId } from '../../../lib/ids';
import type { ActorSignals, Encryption, HandlerNames, Providers, Rows, Settings } from '../../deps';
import type { Auditor } from '../../operations/audit';
import { wakeActors } from '../../operations/signal-actors';
import type { CreateBody } from '../schemas/integration-body';
import { type Attached, attachCredentials } from './attach-credentials';
import {
  checkDestination,
  checkHandler,
  checkMetadata,
  checkParameters,
  checkProvider,
  checkWebhookSecret,
} from './checks';
import { askAboutSources, bringsRefreshToken, credentialSources } from './credential-sources';
import { type GivenSecret, issueSecret } from './issue-secret';

interface Created {
  id: string;
  /** Null where the provider makes it, and it isn't known yet. */
  webhookSecret: string | null;
  /** Null where nothing is forwarded. */
  destinationSecret: string | null;
}

/** @throws HoldfastError before anything is written, or `name_taken`, and what attachCredentials throws */
export async function createIntegration(
  deps: Rows & Settings & Encryption & Providers & HandlerNames & ActorSignals,
  body: CreateBody,
  audit: Auditor,
): Promise<Created> {
  const provider = checkProvider(deps.registry, body.provider);
  const { handler = 'forward', whenError = 'keep', whenDisabled = 'discard' } = body;
  const destinationUrl =
    body.destination === undefined ? null : checkDestination(body.destination.url, deps.config);
  checkHandler(deps.handlerNames, { handler, destinationUrl });
  const givenSecret =
    body.webhookSecret === undefined
      ? undefined
      : checkWebhookSecret(provider, body.webhookSecret, 'body.webhookSecret');
  const waitsForSecret =
    givenSecret === undefined && provider.webhook?.providerMakesSecret === true;
  const metadata = checkMetadata(body.metadata ?? null);
  const named = credentialSources(provider, body.credentials);
  const sharesAll = named.length > 0 && named.every(({ kind }) => kind === 'shared');
  // Those that it shares have theirs.
  const parameters =
    sharesAll && body.parameters === undefined
      ? null
      : checkParameters(provider, body.parameters ?? {});
  const sources = await askAboutSources(provider, named, parameters);
  const tokenHash = sources.some(bringsRefreshToken)
    ? await loadTokenHash(deps.pool, deps.envelope)
    : null;

  const { envelope } = deps;
  const id = newId('int');
  const owner = { userId: body.userId, provider: provider.name, parameters };
  const record = await audit({ action: 'integration.created', integrationId: id });
  const write = async (client: PoolClient) => {
    const attached = await attachCredentials(client, { envelope, tokenHash }, owner, sources);
    const inserted = await insertIntegration(client, {
      ...{ id, ...owner, name: body.name, metadata, handler, destinationUrl },
      parameters: parametersOf(parameters ?? mainOf(attached)?.parameters ?? null),
      ...{ whenError, whenDisabled, ...initialStatus(attached) },
      whenTokenUnavailable: body.whenTokenUnavailable,
      handling: body.handling,
      webhookAccount: body.webhookAccount ?? mainOf(attached)?.accountId ?? null,
    });
    if (!inserted) throw nameTaken(body.name);
    for (const { name, id: credentialId } of attached) {
      await linkCredential(client, { integrationId: id, name, credentialId });
    }
    await insertCreation(client, id, 'application');
    await record(client);
    const issue = (purpose: 'webhook' | 'destination', given?: GivenSecret) =>
      issueSecret(client, envelope, { integrationId: id, purpose }, given);
    const webhook = waitsForSecret ? null : await issue('webhook', givenSecret);
    const destination = destinationUrl === null ? null : await issue('destination');
    return { attached, webhook, destination };
  };
  const { attached, webhook, destination } = await inTransaction(deps.pool, write);

  const stored = attached.flatMap(({ id: credentialId, storedVersion: version, usedBy = [] }) =>
    version === null
      ? []
      : [
          () => deps.actors.lookAtCredential(credentialId, version, 'stored', body.userId),
          ...usedBy.map((one) => () => deps.actors.reauthorized(one, { credentialId, version })),
        ],
  );
  await wakeActors(deps.log, [
    () => deps.actors.lookAtIntegration(id, 'created', body.userId),
    ...stored,
  ]);
  return {
    id,
    webhookSecret: webhook?.secret ?? null,
    destinationSecret: destination?.secret ?? null,
  };
}

const mainOf = (credentials: readonly Attached[]): Attached | undefined =>
  credentials.find(({ name }) => name === 'main') ?? credentials[0];

const parametersOf = (parameters: Record<string, string> | null): string | null =>
  parameters === null ? null : JSON.stringify(parameters);

const nameTaken = (name: string) =>
  new HoldfastError('name_taken', `The user already has an integration named "${name}".`);

/** The status that a new integration begins with, at transition 0: its actor has nothing to change. */
function initialStatus(
  credentials: readonly Attached[],
): Pick<NewIntegration, 'status' | 'reason'> {
  // As the actor reads them: the sentence names them in this order.
  const inOrder = [...credentials].sort(
    (a, b) => rankOf(a.state) - rankOf(b.state) || (a.name < b.name ? -1 : 1),
  );
  const reason = errorReason(inOrder);
  return reason === null
    ? { status: 'ENABLED', reason: null }
    : { status: 'ERROR', reason: { ...reason, by: 'system' } };
}
