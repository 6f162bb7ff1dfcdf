import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';
import type { WebhookDeclaration } from '../../providers/webhook-declaration';
import type { Providers } from '../deps';
import { notFound, pathId } from '../http/path-ids';
import type { RejectedFor } from './rejection-log';
import type { UnverifiedLimit } from './unverified-limit';
import type { VerifiedPairs } from './verified-pairs';
import type { IntegrationVerifier } from './verify';

/** What is known of a webhook before its body is read. */
export interface Arrival {
  of: RejectedFor;
  target: string;
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
  const { registry, verifier, unverified, verifiedPairs } = options;
  app.decorateRequest('arrival', null);
  app.addHook<{ Params: Params }>('onRequest', async (request) => {
    const { params, sender } = request;
    const found = await find(params);
    if (found instanceof HoldfastError) {
      unverified.count(sender);
      throw found;
    }
    const target = targetOf(found.of);
    request.arrival = { ...found, target, isVerified: verifiedPairs.has(target, sender.key) };
  });
  done();

  async function find({ id, provider = '' }: Params) {
    if (id === undefined) {
      const declared = registry.get(provider);
      if (declared === undefined)
        return new HoldfastError('unknown_provider', 'There is no provider of this name.');
      return { of: { provider }, declaration: declared.webhook };
    }
    const integrationId = pathId('int', id);
    const target = await verifier.target(integrationId);
    if (target === null) return notFound('int');
    return { of: { integrationId }, declaration: target.declaration };
  }
});
