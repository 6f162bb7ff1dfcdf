import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { whileShut } from '../../support/gate';
import { type Scene, startScene, type WebhookAnswer } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());

const handledIds = () => scene.destination.received.map(({ id }) => id);

describe('the inbox, in moments that are only instants', () => {
  test('S12 a good webhook is committed before it is answered', async () => {
    const integration = await scene.connect();
    let answered = false;
    let answer: Promise<WebhookAnswer> | undefined;
    const where = `AFTER INSERT ON deliveries DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (new.integration_id = '${integration.id}')`;
    const { pool } = scene.system;
    await whileShut({ pool, where, kind: 'CONSTRAINT TRIGGER' }, async (reached) => {
      answer = scene.webhook(integration).finally(() => (answered = true));
      // The row is written, and its commit waits.
      await reached();
      expect((await fetch(`${scene.system.url}/healthz`)).status).toBe(200);
      expect(answered).toBe(false);
    });
    const taken = await answer;
    expect(taken).toMatchObject({ status: 202, outcome: 'accepted' });
    const { rowCount } = await pool.query('SELECT FROM deliveries WHERE id = $1', [taken?.id]);
    expect(rowCount).toBe(1);
  });

  test('S23 a row that commits after a drain found its inbox empty is handled without the sweep', async () => {
    const integration = await scene.connect();
    const handle = scene.system.temporal.workflow.getHandle(
      workflowIds.integration(integration.id),
    );
    const { id: first } = await scene.webhook(integration);
    await eventually(() => expect(handledIds()).toContain(first));
    await untilQuiet(handle);
    const signals = async () =>
      (await handle.fetchHistory()).events?.filter(
        ({ workflowExecutionSignaledEventAttributes: signal }) => signal != null,
      ).length ?? 0;
    // Only the lease's release sets an end that is not ahead: the drain has looked for the last time.
    const where = `BEFORE UPDATE ON drain_leases
      FOR EACH ROW WHEN (new.integration_id = '${integration.id}' AND new.until <= now())`;
    let late = '';
    await whileShut({ pool: scene.system.pool, where }, async (reached) => {
      const { id: second } = await scene.webhook(integration);
      await reached();
      expect(handledIds()).toContain(second);
      const before = await signals();
      late = (await scene.webhook(integration)).id;
      // The actor has heard of it while the drain is still under way.
      await eventually(async () => expect(await signals()).toBeGreaterThan(before));
      expect(handledIds()).not.toContain(late);
    });
    await eventually(() => expect(handledIds()).toContain(late));
  }, 60_000);
});
