import fastifyPlugin from 'fastify-plugin';
import { looksLikeId } from '../http/path-ids';
import type { Providers } from '../deps';
import type { RejectedFor, RejectionLog } from './rejection-log';

interface Options extends Providers {
  rejections: RejectionLog;
  bodyLimitBytes: number;
}

const isBodyTooLarge = (error: Error): boolean =>
  'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';

/** Keeps webhooks that were rejected for their size, before any route saw them. */
export const rejectedBodies = fastifyPlugin<Options>((app, options, done) => {
  const { registry, rejections, bodyLimitBytes } = options;
  app.addHook<{ Params: { id?: string; provider?: string } }>(
    'onError',
    (request, _reply, error, next) => {
      const of = whom(request.params);
      if (isBodyTooLarge(error) && of !== null) {
        const claimed = Number(request.headers['content-length']);
        const sizeBytes = Number.isFinite(claimed) ? claimed : bodyLimitBytes;
        rejections.add({ of, reason: 'body_too_large', sourceAddress: request.ip, sizeBytes });
      }
      next();
    },
  );
  done();

  function whom({ id, provider }: { id?: string; provider?: string }): RejectedFor | null {
    if (id !== undefined && looksLikeId('int', id)) return { integrationId: id };
    const declared = registry.get(provider ?? '');
    return declared === undefined ? null : { provider: declared.name };
  }
});
