import { answerGrant } from '../../support/doubles/answer-grant';
import { eventually } from '../../support/eventually';
import {
  drainKinds,
  type HangingScene,
  startHangingScene,
} from '../../support/scenes/hanging-tenant';

/** One user alone may have 8 quick ones and 8 that hang; the worker has 48 slots. */
const drainLimits = { quick: 12, hanging: 24, hangsAfterMs: 200 };
const count = 70;
const patiently = { timeoutMs: 20_000 };

let scene: HangingScene;
beforeAll(async () => {
  scene = await startHangingScene({ drainLimits });
}, 60_000);
afterAll(() => scene.close(), 60_000);

test.each(drainKinds)(
  'a user whose drains hang keeps no other user waiting: %s',
  async (kind) => {
    const { pool } = scene.system;
    const healthy = await scene.connectHealthy(kind);
    const held: (() => void)[] = [];
    if (kind === 'token') {
      scene.provider.behave((answer, rotate) => {
        const issued = rotate();
        held.push(() => answerGrant(answer, issued));
      });
    }
    scene.hanging.forget();
    const deliveries = kind === 'unordered' ? 3 : 1;
    const ids = await scene.insertHanging(kind, count, deliveries);
    await scene.wake(ids);
    await eventually(async () => {
      const { rowCount } = await pool.query(
        `SELECT FROM drain_leases
         WHERE integration_id = ANY ($1::text[]) AND (until > now() OR put_off_until > now())`,
        [ids],
      );
      expect(rowCount).toBeGreaterThan(count / 2);
    }, patiently);
    const sentAt = new Map<string, number>();
    for (let sent = 0; sent < 3; sent++) {
      const at = Date.now();
      const { id } = await scene.webhook(healthy);
      sentAt.set(id, at);
      await eventually(() => scene.handledWithin(healthy.id, sentAt), { timeoutMs: 3_000 });
    }
    // As many at once as the shares say, though the worker has slots for most of them.
    if (kind !== 'token') expect(scene.hanging.most()).toBeLessThanOrEqual(10 * deliveries);
    await scene.endHanging(ids);
    scene.provider.behave(undefined);
    for (const answer of held) answer();
  },
  60_000,
);
