import type { Received } from '../../support/doubles/destination';
import { eventually } from '../../support/eventually';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';

const times = {
  credentials: [
    'obtained_at',
    'refused_since',
    'refused_at',
    'refused_until',
    'forced_since',
    'degraded_since',
    'degraded_noticed_at',
    'retry_at',
    'probe_at',
  ],
  deliveries: ['next_attempt_at'],
};

const credentialId = ({ credentials }: IntegrationBody) => credentials[0]?.id ?? '';

/** Lets a credential have been failing for longer, without any of its times having come. */
export async function failLonger(scene: Scene, to: IntegrationBody, ms: number): Promise<void> {
  const id = credentialId(to);
  const { pool, temporal } = scene.system;
  await pool.query(
    `UPDATE credentials
     SET degraded_since = degraded_since - $2 * interval '1 millisecond',
         degraded_noticed_at = degraded_noticed_at - $2 * interval '1 millisecond'
     WHERE id = $1`,
    [id, ms],
  );
  await temporal.workflow.getHandle(`credential:${id}`).signal('stored', { version: 1 });
}

/** Lets time pass for an integration, its one credential and its deliveries: their rows grow older. */
export async function pass(scene: Scene, integration: IntegrationBody, ms: number): Promise<void> {
  const older = (columns: string[]) =>
    columns.map((name) => `${name} = ${name} - $2 * interval '1 millisecond'`).join(', ');
  const { pool, temporal } = scene.system;
  const id = credentialId(integration);
  await pool.query(`UPDATE credentials SET ${older(times.credentials)} WHERE id = $1`, [id, ms]);
  await pool.query(`UPDATE deliveries SET ${older(times.deliveries)} WHERE integration_id = $1`, [
    integration.id,
    ms,
  ]);
  // The actors' timers run by a clock that can't be moved: they are told to look.
  await temporal.workflow.getHandle(`credential:${id}`).signal('stored', { version: 1 });
  const actor = temporal.workflow.getHandle(`integration:${integration.id}`);
  // A drain that is just ending would wait out what it has read.
  await untilQuiet(actor);
  await actor.signal('holdChanged');
}

export const attemptsOf = (scene: Scene, { id }: IntegrationBody): Received[] =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id);

/** Waits until a delivery that was refused waits for its next try. */
export const untilRefused = (scene: Scene, integration: IntegrationBody, refusals: number) =>
  eventually(
    async () => {
      const { rows } = await scene.system.pool.query<Record<string, unknown>>(
        `SELECT k.refusals, k.state, k.code FROM credentials k
         WHERE k.id = $1 AND EXISTS (SELECT FROM deliveries d WHERE d.integration_id = $2
           AND d.state = 'pending' AND d.next_attempt_at > now())`,
        [credentialId(integration), integration.id],
      );
      expect(rows).toEqual([{ refusals, state: 'degraded', code: 'access_refused' }]);
    },
    { timeoutMs: 30_000 },
  );

export const reject = (scene: Scene, { id }: IntegrationBody, version: number) =>
  scene.system.api<{ version: number; error: { code: string } }>(
    'POST',
    `/v1/integrations/${id}/token/reject`,
    { version },
  );
