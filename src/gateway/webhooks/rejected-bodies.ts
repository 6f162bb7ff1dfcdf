import fastifyPlugin from 'fastify-plugin';
import { HoldfastError } from '../../lib/errors';
import type { WebhookMeasures } from '../operations/measure-webhooks';
import type { RejectionLog } from './rejection-log';

interface Options {
  rejections: RejectionLog;
  measures: WebhookMeasures;
  bodyLimitBytes: number;
}

/** Keeps webhooks whose bodies were not read to their end, so that no route saw them. */
export const rejectedBodies = fastifyPlugin<Options>((app, options, done) => {
  const { rejections, measures, bodyLimitBytes } = options;
  app.addHook('onError', (request, _reply, error, next) => {
    const reason = reasonOf(error);
    const { arrival, sender, headers } = request;
    if (reason !== null && arrival !== null) {
      const claimed = Number(headers['content-length']);
      const sizeBytes = Number.isFinite(claimed) ? claimed : bodyLimitBytes;
      measures.rejected(request, reason);
      rejections.add({ of: arrival.of, reason, sender, sizeBytes });
    }
    next();
  });
  done();
});

function reasonOf(error: Error): string | null {
  if ('code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'body_too_large';
  if (!(error instanceof HoldfastError)) return null;
  if (error.code === 'request_timeout') return 'body_too_slow';
  return error.code === 'overloaded' ? error.code : null;
}
