import { readSealedSecrets } from '../src/db/queries/sealed-secrets';
import type { DrainStep, PendingDelivery } from '../src/db/queries/next-delivery';
import type { StoredDelivery } from '../src/handlers/delivery';
import { forward } from '../src/handlers/forward';
import type { ForwardRequest } from '../src/handlers/forward-request';
import { hopeless, type HandlerResult } from '../src/handlers/outcome';
import { runHandler } from '../src/handlers/run-handler';
import type { TokenSource } from '../src/handlers/token-source';
import { messageOf } from '../src/errors';
import { apiOrigins } from '../src/providers/api-origins';
import type { Handler } from '../src/providers/provider';
import { parseKeptHeaders } from '../src/webhooks/kept-headers';
import type { DeliverDeps } from './drain-deps';
import type { DrainLease } from './drain-lease';
import { integrationTokens } from './integration-tokens';
import { resendRefused } from './resend-refused';

const forwardTimeoutMs = 10_000;
const handlerTimeoutMs = 30_000;

export interface Attempt {
  integrationId: string;
  step: DrainStep;
  delivery: PendingDelivery;
  lease: DrainLease;
}

/** One attempt to handle a delivery, by the integration's handler. */
export function createAttemptDelivery(deps: DeliverDeps) {
  const { pool, envelope, handlers } = deps;

  return async function attemptDelivery(attempt: Attempt): Promise<HandlerResult> {
    const tokens = integrationTokens(deps, attempt.integrationId);
    try {
      const handler = handlers.resolve(attempt.step.handler);
      return handler === 'forward'
        ? await send(attempt, tokens)
        : await run(attempt, tokens, handler);
    } catch (error) {
      return hopeless(messageOf(error));
    }
  };

  async function send(attempt: Attempt, tokens: TokenSource): Promise<HandlerResult> {
    const { step, delivery, lease, integrationId } = attempt;
    if (step.destinationUrl === null) return hopeless('The integration has no destination.');
    const sealed = await readSealedSecrets(pool, integrationId, 'destination');
    const secrets = sealed.map((one) =>
      envelope.open(one.sealed, `integration_secrets.secret:${one.id}`),
    );
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
        beforeSend: () => lease.check(),
      });
    return resendRefused(request, post, credential, tokens);
  }

  function run(attempt: Attempt, tokens: TokenSource, handler: Handler): Promise<HandlerResult> {
    const { step, lease, delivery, integrationId } = attempt;
    const provider = deps.registry.get(step.provider);
    lease.check();
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
      timeoutMs: handlerTimeoutMs,
      signal: lease.signal,
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
