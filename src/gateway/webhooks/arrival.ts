import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { Providers } from '../deps';
import { notFound, pathId } from '../http/path-ids';
import type { RejectedFor } from './rejection-log';
import type { WebhookMeasures } from '../operations/measure-webhooks';
import type { UnverifiedLimit } from './unverified-limit';
import type { VerifiedPairs } from './verified-pairs';
import type { IntegrationVerifier, Target } from './verify';

/** What is known of a webhook before its body is read. */
export interface Arrival {
  of: RejectedFor;
  target: string;
  provider: string;
  /** The integration's; null of what is for a whole application. */
  userId: string | null;
  /** Undefined where the provider is declared without webhooks. */
  declaration: WebhookDeclaration | undefined;
  /** Whether its source has lately sent this target what was verified. */
  isVerified: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nobody is there that it could be for, or the database can't say. */
    arrival: Arrival | null;
  }
}

interface Options extends Providers {
  verifier: IntegrationVerifier;
  measures: WebhookMeasures;
  unverified: UnverifiedLimit;
  verifiedPairs: VerifiedPairs;
}

interface Params {
  id?: string;
  provider?: string;
}

/** One word for whom a webhook is for. */
export const targetOf = (of: RejectedFor): string =>
  'provider' in of ? `apps/${of.provider}` : of.integrationId;

/** Looks up whom a webhook is for before its body is read: what is for nobody takes no memory. */
export const arrivals = fastifyPlugin<Options>((app, options, done) => {
  const { registry, verifier, measures, unverified, verifiedPairs } = options;
  app.decorateRequest('arrival', null);
  app.addHook<{ Params: Params }>('onRequest', (request, _reply, next) => {
    const { id, provider = '' } = request.params;
    if (id === undefined) {
      toApplication(request, provider);
      next();
      return;
    }
    const integrationId = pathId('int', id);
    const known = verifier.knownTarget(integrationId);
    if (known !== undefined) {
      toIntegration(request, integrationId, known);
      next();
      return;
    }
    verifier
      .target(integrationId)
      .then((target) => toIntegration(request, integrationId, target))
      .then(() => next(), next);
  });
  done();

  function toApplication(request: FastifyRequest, provider: string): void {
    const declared = registry.get(provider);
    if (declared === undefined) {
      const message = 'There is no provider of this name.';
      throw counted(request, new HoldfastError('unknown_provider', message));
    }
    note(request, { of: { provider }, provider, userId: null, declaration: declared.webhook });
  }

  function toIntegration(
    request: FastifyRequest,
    integrationId: string,
    target: Target | null,
  ): void {
    if (target === null) throw counted(request, notFound('int'));
    const { provider, userId, declaration } = target;
    note(request, { of: { integrationId }, provider, userId, declaration });
  }

  function note(request: FastifyRequest, found: Omit<Arrival, 'target' | 'isVerified'>): void {
    const { of } = found;
    const target = targetOf(of);
    const isVerified = verifiedPairs.has(target, request.sender.key);
    request.arrival = { ...found, target, isVerified };
  }

  function counted(request: FastifyRequest, error: HoldfastError): HoldfastError {
    measures.rejected(request, 'not_found');
    unverified.count(request.sender);
    return error;
  }
});
