import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { AcceptedDelivery } from '../../db/queries/accept-deliveries';
import { HoldfastError } from '../../errors';
import { newId } from '../../ids';
import { dedupeHash, displayText } from '../../webhooks/dedupe';
import type { WebhookEvent } from '../../webhooks/event';
import { keptHeaders } from '../../webhooks/kept-headers';
import type { WebhookRequest } from '../../webhooks/request';
import type { GatewayDeps } from '../deps';
import type { Doorbell } from '../doorbell';
import type { InboxWriter } from '../inbox-writer';
import { looksLikeId, notFound, pathId } from '../path-ids';
import type { RejectionLog } from '../rejection-log';
import { isRefusedByRow } from '../row-fault';
import { verifyFor } from '../verify-for';
import type { WebhookTargets } from '../webhook-targets';

export interface WebhookRouteDeps extends Pick<GatewayDeps, 'config'> {
  targets: WebhookTargets;
  inbox: InboxWriter;
  doorbell: Doorbell;
  rejections: RejectionLog;
}

const params = Type.Object({ id: Type.String() });
const defaultSuccessStatus = 202;
/** What the column holds: a header may claim any size. */
const maxSizeBytes = 2 ** 31 - 1;

const isBodyTooLarge = (error: Error): boolean =>
  'code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';

/** Takes webhooks: verified, stored, then answered; the actor is told afterwards. */
export const webhookRoutes: FastifyPluginCallbackTypebox<WebhookRouteDeps> = (app, deps, done) => {
  app.removeAllContentTypeParsers();
  // Signatures are over the bytes as sent: nothing may parse them on the way.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));

  // Fastify refuses a type that it can't parse before any parser is asked. What is verified and stored are
  // the raw headers: they stay as sent.
  app.addHook('onRequest', (request, _reply, next) => {
    delete request.raw.headers['content-type'];
    next();
  });

  app.addHook<{ Params: { id: string } }>('onError', (request, _reply, error, next) => {
    if (isBodyTooLarge(error) && looksLikeId('int', request.params.id)) {
      const sizeBytes = Number(request.headers['content-length'] ?? deps.config.bodyLimitBytes);
      refuse(request.params.id, request.ip, 'body_too_large', sizeBytes);
    }
    next();
  });

  app.post('/webhooks/:id', { schema: { params } }, async (request, reply) => {
    const integrationId = pathId('int', request.params.id);
    const webhook: WebhookRequest = {
      method: request.method,
      url: deps.config.publicUrl + request.url,
      rawHeaders: request.raw.rawHeaders,
      body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      nowMs: Date.now(),
    };
    const verified = await verifyFor(deps.targets, integrationId, webhook);
    if (!verified.ok) {
      refuse(integrationId, request.ip, verified.reason, webhook.body.length);
      throw new HoldfastError('invalid_signature', verified.message);
    }
    if (verified.handshake !== null) {
      const { status, contentType, body } = verified.handshake;
      return reply.code(status).type(contentType).send(body);
    }
    const [event] = verified.events;
    if (event === undefined) throw new Error('a verified webhook has an event');
    const accepted = await store(integrationId, webhook, event);
    if (accepted.outcome === 'accepted') deps.doorbell.ring(integrationId, accepted.id);
    return reply.code(verified.successStatus ?? defaultSuccessStatus).send(accepted);
  });

  function refuse(
    integrationId: string,
    sourceAddress: string,
    reason: string,
    size: number,
  ): void {
    const sizeBytes = Math.min(size, maxSizeBytes);
    deps.rejections.add({ integrationId, reason, sourceAddress, sizeBytes });
  }

  async function store(
    integrationId: string,
    webhook: WebhookRequest,
    { body, dedupeKey, eventType }: WebhookEvent,
  ): Promise<AcceptedDelivery> {
    const delivery = {
      id: newId('dlv'),
      integrationId,
      position: 0,
      dedupeHash: dedupeHash(dedupeKey),
      dedupeKey: displayText(dedupeKey),
      eventType: eventType === null ? null : displayText(eventType),
      headers: keptHeaders(webhook.rawHeaders),
      body,
    };
    const accepted = await deps.inbox.write(delivery).catch((cause: unknown) => {
      if (!isRefusedByRow(cause)) throw cause;
      throw new HoldfastError('invalid_request', 'This webhook can not be stored.', { cause });
    });
    if (accepted === null) throw notFound('int');
    return accepted;
  }
  done();
};
