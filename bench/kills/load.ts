import { setTimeout as sleep } from 'node:timers/promises';
import { signMessage } from '../../src/dev/playground/standard-webhooks';
import type { LogEntry } from './judge';

export interface Target {
  id: string;
  secret: string;
}

export interface Load {
  /** In the order in which they were answered. */
  acknowledged: LogEntry[];
  /** Requests that were not answered 2xx, and sent again. */
  repeats(): number;
  /** Each sender ends once its last webhook is acknowledged. */
  stop(): Promise<void>;
}

/** As most vendors have it. */
const answerWithinMs = 10_000;
const againAfterMs = 250;

/**
 * Sends to each integration one webhook after the other, each until it is answered 2xx, as a vendor does: the same key of
 * its own each time.
 *
 * @param perSecond of all together, at most
 */
export function startLoad(gatewayUrl: string, targets: readonly Target[], perSecond: number): Load {
  const acknowledged: LogEntry[] = [];
  const pauseMs = (1_000 * targets.length) / perSecond;
  let repeats = 0;
  let isOver = false;

  async function send({ id, secret }: Target, webhookId: string): Promise<string | undefined> {
    const body = Buffer.from(`{"type":"contact.updated","id":"${webhookId}"}`);
    const timestamp = String(Math.floor(Date.now() / 1000));
    try {
      const answer = await fetch(`${gatewayUrl}/webhooks/${id}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': webhookId,
          'webhook-timestamp': timestamp,
          'webhook-signature': signMessage(secret, { id: webhookId, timestamp, body }),
        },
        body,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await answer.text();
      return answer.ok ? (JSON.parse(text) as { id: string }).id : undefined;
    } catch {
      return undefined;
    }
  }

  async function sendAll(target: Target, at: number): Promise<void> {
    await sleep((pauseMs * at) / targets.length);
    for (let count = 0; !isOver; count++) {
      const webhookId = `msg_${target.id}_${count}`;
      let deliveryId = await send(target, webhookId);
      while (deliveryId === undefined) {
        repeats++;
        await sleep(againAfterMs);
        deliveryId = await send(target, webhookId);
      }
      acknowledged.push({ integrationId: target.id, deliveryId, at: Date.now() });
      await sleep(pauseMs);
    }
  }

  const senders = targets.map(sendAll);
  return {
    acknowledged,
    repeats: () => repeats,
    stop: async () => {
      isOver = true;
      await Promise.all(senders);
    },
  };
}
