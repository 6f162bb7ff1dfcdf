import { readSealedSecrets } from '../../src/db/queries/integrations/secrets';
import type { DrainStep, PendingDelivery } from '../../src/db/queries/deliveries/drain-step';
import type { StoredDelivery } from '../../src/handlers/custom/delivery';
import { forward } from '../../src/handlers/forward/forward';
import type { ForwardRequest } from '../../src/handlers/forward/headers';
import { hopeless, type HandlerResult, unanswered } from '../../src/handlers/attempt-result';
import { runHandler } from '../../src/handlers/custom/run-handler';
import type { TokenSource } from '../../src/credentials/token-source';
import { apiOrigins } from '../../src/providers/api-origins';
import type { Handler } from '../../src/providers/provider';
import { parseKeptHeaders } from '../../src/webhooks/stored-headers';
import type { DeliverDeps } from './deps';
import type { DrainLease } from './lease';
import { integrationTokens } from './access-tokens';
import { resendRefused } from './forward-with-refresh';

const forwardTimeoutMs = 10_000;
const handlerTimeoutMs = 30_000;

export interface Attempt {
  integrationId: string;
  step: DrainStep;
  delivery: PendingDelivery;
  lease: DrainLease;
}

/** Attempts to handle deliveries by their integration's handler; made anew for each drain. */
export function createAttemptDelivery(deps: DeliverDeps) {
  const { pool, envelope, handlers } = deps;
  let secrets: string[] | undefined;

  return async function attemptDelivery(attempt: Attempt): Promise<HandlerResult> {
    const tokens = integrationTokens(deps, attempt.integrationId);
    const handler = handlers.find(attempt.step.handler);
    if (handler === undefined) {
      // The configuration is to blame, not the delivery: nothing is set aside at once for it.
      return unanswered(`The configuration has no handler "${attempt.step.handler}".`);
    }
    return handler === 'forward' ? send(attempt, tokens) : run(attempt, tokens, handler);
  };

  async function send(attempt: Attempt, tokens: TokenSource): Promise<HandlerResult> {
    const { step, delivery, lease, integrationId } = attempt;
    if (step.destinationUrl === null) return hopeless('The integration has no destination.');
    secrets ??= await destinationSecrets(integrationId);
    const credential = step.credentials.find(({ name }) => name === 'main') ?? step.credentials[0];
    const request: ForwardRequest = {
      delivery: storedDelivery(attempt),
      destinationUrl: step.destinationUrl,
      secrets,
      sequence: String(delivery.sequence),
      credentialVersion: credential?.version ?? null,
    };
    const post = (one: ForwardRequest) =>
      forward(one, {
        dispatcher: deps.dispatcher,
        signal: lease.signal,
        timeoutMs: forwardTimeoutMs,
        beforeSend: () => {
          if (lease.isOver()) throw new Error('the lease is over');
        },
      });
    return resendRefused(request, post, credential, tokens);
  }

  async function destinationSecrets(integrationId: string): Promise<string[]> {
    const sealed = await readSealedSecrets(pool, integrationId, 'destination');
    return sealed.map((one) => envelope.open(one.sealed, `integration_secrets.secret:${one.id}`));
  }

  async function run(
    attempt: Attempt,
    tokens: TokenSource,
    handler: Handler,
  ): Promise<HandlerResult> {
    const { step, lease, delivery, integrationId } = attempt;
    const provider = deps.registry.get(step.provider);
    if (lease.isOver()) return { kind: 'aborted' };
    return runHandler({
      handler,
      delivery: storedDelivery(attempt),
      credentials: step.credentials.map(({ name, version, accountId, expiresAt }) => ({
        name,
        version,
        accountId,
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      })),
      tokens,
      origins: provider === undefined ? [] : apiOrigins(provider, step.parameters),
      tokenHeader: provider?.oauth?.tokenHeader,
      refusedErrors: provider?.refusedErrors,
      isOver: () => lease.isOver(),
      timeoutMs: handlerTimeoutMs,
      signal: lease.signal,
      hold: lease.hold,
      log: deps.log.child({ integrationId, deliveryId: delivery.id }),
    });
  }
}

function storedDelivery({ integrationId, step, delivery }: Attempt): StoredDelivery {
  return {
    id: delivery.id,
    integrationId,
    userId: step.userId,
    provider: step.provider,
    eventType: delivery.eventType,
    headers: parseKeptHeaders(delivery.headers),
    body: delivery.body,
    receivedAt: delivery.receivedAt,
    attempt: delivery.attempts + 1,
  };
}
