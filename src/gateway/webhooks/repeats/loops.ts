import type { FastifyRequest } from 'fastify';
import type { Pool } from '../../../db/pool';
import { createInstallationId } from '../../../db/queries/installation';
import { HoldfastError } from '../../../lib/errors';
import { viaHeader, viaIds } from '../../../webhooks/via';
import type { WebhookMeasures } from '../../operations/measure-webhooks';
import type { RejectedFor, RejectionLog } from '../rejection-log';
import type { UnverifiedLimit } from '../unverified-limit';

/** What this installation is called in `holdfast-via`. */
export interface Installation {
  /** Null while it can't be read: nothing can be stored then either. */
  id(): Promise<string | null>;
}

export function createInstallation(pool: Pool): Installation {
  const id = createInstallationId(pool);
  return { id: () => id().catch(() => null) };
}

interface Refusing {
  installation: Installation;
  unverified: UnverifiedLimit;
  rejections: RejectionLog;
  measures: WebhookMeasures;
}

/**
 * Refuses what this installation forwarded itself: taken, it would be forwarded again and again, as a new webhook each
 * time. Whoever makes up such a header is refused like any other who proves nothing.
 *
 * @throws HoldfastError `loop_detected`
 */
export async function refuseLoop(
  { installation, unverified, rejections, measures }: Refusing,
  of: RejectedFor,
  request: FastifyRequest,
): Promise<void> {
  const via = request.headers[viaHeader];
  if (via === undefined) return;
  const own = await installation.id();
  if (own === null || !viaIds([via].flat()).includes(own)) return;
  const { sender } = request;
  unverified.count(sender);
  const sizeBytes = Number(request.headers['content-length'] ?? 0);
  measures.rejected(request, 'loop_detected');
  rejections.add({ of, reason: 'loop_detected', sender, sizeBytes });
  throw new HoldfastError(
    'loop_detected',
    'This webhook was forwarded by this installation itself. Forward to an address that does not lead back here.',
  );
}
