import { leftMs } from '../../src/credentials/decide-token';
import {
  RefreshUnavailableError,
  type TokenError,
  type TokenAnswer,
  liveToken,
} from '../../src/credentials/token-source';
import type {
  DrainCredential,
  DrainStep,
  PendingDelivery,
} from '../../src/db/queries/deliveries/lease';
import { readSealedSecrets } from '../../src/db/queries/integrations/secrets';
import {
  type AttemptResult,
  permanentFailure,
  tokenResult,
  transientFailure,
} from '../../src/handlers/attempt-result';
import { didYouMean } from '../../src/lib/nearest';
import type { StoredDelivery } from '../../src/handlers/custom/delivery';
import { runHandler } from '../../src/handlers/custom/run-handler';
import { forward } from '../../src/handlers/forward/forward';
import { minMarginMs } from '../../src/oauth/refresh-schedule';
import { apiOrigins } from '../../src/providers/api-origins';
import type { Handler } from '../../src/providers/provider';
import type { Registry } from '../../src/providers/registry';
import { parseKeptHeaders } from '../../src/webhooks/stored-headers';
import { accessTokens } from './access-tokens';
import { inForwardSpan, inHandlerSpan } from './attempt-spans';
import type { DrainDeps } from './deps';
import type { DrainLease } from './lease';

const forwardTimeoutMs = 10_000;
const handlerTimeoutMs = 30_000;

export interface Attempt {
  integrationId: string;
  step: DrainStep;
  delivery: PendingDelivery & { body: Buffer };
  lease: DrainLease;
}

/** Attempts to handle deliveries by their integration's handler; made anew for each drain. */
export function createAttemptDelivery(deps: DrainDeps) {
  const { pool, envelope, handlers } = deps;
  let secrets: string[] | undefined;

  return async function attemptDelivery(attempt: Attempt): Promise<AttemptResult> {
    const name = attempt.step.handler;
    if (name === 'forward') return forwardWithRefresh(attempt);
    const handler = handlers.get(name);
    // The configuration is to blame, not the delivery: nothing is dead-lettered at once for it.
    if (handler === undefined) {
      const meant = didYouMean(name, handlers.keys());
      return transientFailure(`The configuration has no handler "${name}".${meant}`);
    }
    return inHandlerSpan(name, () => run(attempt, handler));
  };

  /**
   * Forwards, with a fresh token where the one it has is of no use. Where the destination says that the provider rejected
   * the token (424), renews that version once and sends again at once; a fresh one that is rejected too is
   * `access_refused`.
   */
  async function forwardWithRefresh(attempt: Attempt): Promise<AttemptResult> {
    const { step, delivery, lease, integrationId } = attempt;
    const { destinationUrl } = step;
    if (destinationUrl === null) return permanentFailure('The integration has no destination.');
    secrets ??= await destinationSecrets(integrationId);
    const request = {
      delivery: storedDelivery(attempt, deps.registry),
      ...{ destinationUrl, secrets, sequence: String(delivery.sequence) },
      installationId: await deps.installationId(),
    };
    const options = {
      ...{ dispatcher: deps.dispatcher, signal: lease.signal, timeoutMs: forwardTimeoutMs },
      beforeSend: () => {
        if (lease.isOver()) throw new Error('the lease is over');
      },
    };
    const post = (credentialVersion: number | null) =>
      inForwardSpan(destinationUrl, () => forward({ ...request, credentialVersion }, options));

    const credential = step.credentials.find(({ name }) => name === 'main') ?? step.credentials[0];
    if (credential === undefined) {
      const first = await post(null);
      if (first.kind !== 'token_rejected') return first;
      return permanentFailure(
        'The destination answered 424, and the integration has no credential.',
      );
    }
    const { name, tokenRejected } = credential;
    const tokens = accessTokens(deps, integrationId);
    const held = needsFreshToken(step, credential)
      ? await renew(name, () => tokens.token(name))
      : credential;
    if ('ended' in held) return held.ended;
    const { version } = held;
    const first = await post(version);
    if (first.kind !== 'token_rejected') {
      if (tokenRejected && first.kind === 'handled') {
        await tokens.accepted(name, version);
      }
      return first;
    }
    const renewed = await renew(name, () => tokens.refused(name, version));
    if ('ended' in renewed) return renewed.ended;
    const again = await post(renewed.version);
    if (again.kind !== 'token_rejected') return again;
    const newest = await renew(name, () => tokens.refused(name, renewed.version));
    if ('ended' in newest) return newest.ended;
    const why = { code: 'access_refused', version: newest.version };
    return tokenResult(new RefreshUnavailableError(name, why));
  }

  async function destinationSecrets(integrationId: string): Promise<string[]> {
    const sealed = await readSealedSecrets(pool, integrationId, 'destination');
    return sealed.map((one) => envelope.open(one.sealed, `integration_secrets.secret:${one.id}`));
  }

  async function run(attempt: Attempt, handler: Handler): Promise<AttemptResult> {
    const { step, lease, delivery, integrationId } = attempt;
    const provider = deps.registry.get(step.provider);
    if (lease.isOver()) return { kind: 'aborted' };
    return runHandler({
      handler,
      delivery: storedDelivery(attempt, deps.registry),
      credentials: step.credentials.map(({ name, version, accountId, expiresAt }) => ({
        name,
        version,
        accountId,
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      })),
      tokens: accessTokens(deps, integrationId),
      origins: (name) => {
        const credential = step.credentials.find((one) => one.name === name);
        return provider === undefined ? [] : apiOrigins(provider, credential?.parameters ?? {});
      },
      dispatcher: provider?.outgoing.dispatcher ?? deps.dispatcher,
      tokenHeader: provider?.oauth?.tokenHeader,
      refusedErrors: provider?.refusedErrors,
      errorPointer: provider?.oauth?.errorPointer,
      isOver: () => lease.isOver(),
      timeoutMs: handlerTimeoutMs,
      signal: lease.signal,
      hold: lease.hold,
      log: deps.log.child({ integrationId, deliveryId: delivery.id }),
    });
  }
}

function storedDelivery(
  { integrationId, step, delivery }: Attempt,
  registry: Registry,
): StoredDelivery {
  return {
    id: delivery.id,
    integrationId,
    userId: step.userId,
    name: step.name,
    metadata: step.metadata,
    parameters: step.parameters,
    provider: step.provider,
    eventType: delivery.eventType,
    headers: parseKeptHeaders(delivery.headers, registry.get(step.provider)?.webhook),
    body: delivery.body,
    receivedAt: delivery.receivedAt,
    attempt: delivery.attempts + 1,
  };
}

/**
 * Whether a forward first asks for another token, as the destination would have to: its own has ended, or is about to and
 * can be refreshed. Where the application keeps the tokens there is nothing to ask for.
 */
function needsFreshToken(
  { whenTokenUnavailable }: DrainStep,
  credential: DrainCredential,
): boolean {
  if (whenTokenUnavailable === 'send' || credential.external) return false;
  const { expiresAt, hasRefreshToken } = credential;
  const left = leftMs({ expiresAt: expiresAt === null ? null : new Date(expiresAt) });
  return left <= (hasRefreshToken ? minMarginMs : 0);
}

/** A version that can be used, or what the attempt ends with where there is none. */
function renew(
  name: string,
  ask: () => Promise<TokenAnswer>,
): Promise<{ version: number } | { ended: AttemptResult }> {
  return liveToken(name, ask).catch((error: unknown) => ({
    ended: tokenResult(error as TokenError),
  }));
}
