import { eventually } from '../../support/eventually';
import type { Received } from '../../support/doubles/destination';
import type { IntegrationBody, Scene, WebhookAnswer } from '../../support/scenes/scene';

/** A loaded machine may take its time; what comes true ends the wait. */
export const patiently = { timeoutMs: 60_000, everyMs: 100 };

export interface DeliveryBody {
  id: string;
  state: string;
  error: string | null;
  nextAttemptAt: string | null;
  attempts: {
    number: number;
    at: string;
    durationMs: number;
    status: number | null;
    error: string | null;
    answer: string | null;
  }[];
}

export const showDelivery = async ({ system }: Scene, id: string): Promise<DeliveryBody> =>
  (await system.api<DeliveryBody>('GET', `/v1/deliveries/${id}`)).body;

/** Waits until the deliveries are in that state. */
export const untilState = (scene: Scene, id: string, state: string): Promise<DeliveryBody> =>
  eventually(async () => {
    const delivery = await showDelivery(scene, id);
    if (delivery.state !== state) throw new Error(`${id} is ${delivery.state}`);
    return delivery;
  }, patiently);

/** One after the other. */
export async function sendAll(
  scene: Scene,
  integration: IntegrationBody,
  count: number,
): Promise<WebhookAnswer[]> {
  const sent: WebhookAnswer[] = [];
  for (let index = 0; index < count; index++) sent.push(await scene.webhook(integration));
  return sent;
}

/** What a destination got of one integration, in the order of arrival. */
export const receivedOf = (scene: Scene, { id }: IntegrationBody): Received[] =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id);

/** Milliseconds between one arrival of a delivery and the next. */
export function gapsOf(scene: Scene, deliveryId: string): number[] {
  const at = scene.destination.received.filter(({ id }) => id === deliveryId).map((one) => one.at);
  return at.slice(1).map((time, index) => time - (at[index] ?? 0));
}

/** How many attempts each handled delivery of an integration has. */
export async function attemptsOfHandled(
  { system }: Scene,
  { id }: IntegrationBody,
): Promise<number[]> {
  const { rows } = await system.pool.query<{ attempts: number }>(
    `SELECT count(a.*)::int AS attempts FROM deliveries d
     LEFT JOIN delivery_attempts a ON a.delivery_id = d.id
     WHERE d.integration_id = $1 AND d.state = 'handled' GROUP BY d.id`,
    [id],
  );
  return rows.map(({ attempts }) => attempts);
}
