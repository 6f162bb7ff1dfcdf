import fastifyPlugin from 'fastify-plugin';
import { looksLikeId } from '../http/path-ids';
import type { RefusedFor, WebhookIntake } from './intake';

const isBodyTooLarge = (error: Error): boolean =>
  'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';

/** Keeps webhooks that were refused for their size, before any route saw them. */
export const refusedBodies = fastifyPlugin<WebhookIntake>((app, intake, done) => {
  app.addHook<{ Params: { id?: string; provider?: string } }>(
    'onError',
    (request, _reply, error, next) => {
      const of = whom(request.params);
      if (isBodyTooLarge(error) && of !== null) {
        const claimed = Number(request.headers['content-length']);
        const sizeBytes = Number.isFinite(claimed) ? claimed : intake.config.bodyLimitBytes;
        intake.logRefusal(request, of, 'body_too_large', sizeBytes);
      }
      next();
    },
  );
  done();

  function whom({ id, provider }: { id?: string; provider?: string }): RefusedFor | null {
    if (id !== undefined && looksLikeId('int', id)) return { integrationId: id };
    const declared = intake.registry.get(provider ?? '');
    return declared === undefined ? null : { provider: declared.name };
  }
});
