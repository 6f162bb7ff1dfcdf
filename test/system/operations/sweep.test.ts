import { randomUUID } from 'node:crypto';
import { workflowIds } from '../../../workflows/contract/ids';
import { type DeletionScene, startDeletionScene } from '../../support/scenes/deletion-scene';
import { eventually } from '../../support/eventually';
import {
  startNoticeReceiver,
  type NoticeReceiver,
} from '../../support/doubles/notification-receiver';
import type { IntegrationBody } from '../../support/scenes/scene';
import { insertDelivery, insertHold, insertNotice, sql } from '../../support/scenes/rows';

/** Each test writes what a lost message would have been about, and sends no message. */
let scene: DeletionScene;
let receiver: NoticeReceiver;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startDeletionScene({ config: { sweepSeconds: 1, ...receiver.config } });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});

const patience = { timeoutMs: 60_000, everyMs: 100 };
const timeoutMs = 120_000;
const query = (sql: string, values: unknown[]) => scene.system.pool.query(sql, values);
const credentialOf = ({ credentials }: IntegrationBody) => credentials[0]?.id ?? '';

/** As if the gateway had died between the commit and the signal. */
const storeSilently = (integration: IntegrationBody, next = sql('NULL')): Promise<string> =>
  insertDelivery(scene.system.pool, {
    ...{ integration_id: integration.id, body: Buffer.from('{}'), next_attempt_at: next },
  });

const untilReceived = (delivery: string) =>
  eventually(
    () => expect(scene.destination.received.map(({ id }) => id)).toContain(delivery),
    patience,
  );

const untilStatus = (integration: IntegrationBody, status: string) =>
  eventually(async () => {
    const path = `/v1/integrations/${integration.id}`;
    expect((await scene.system.api<IntegrationBody>('GET', path)).body.status).toBe(status);
  }, patience);

const terminate = (workflowId: string) =>
  scene.system.temporal.workflow.getHandle(workflowId).terminate('a test');

test(
  'the sweep finds a delivery that was stored and never signalled',
  async () => {
    await untilReceived(await storeSilently(await scene.connect()));
  },
  timeoutMs,
);

test(
  'the sweep finds a delivery whose actor was terminated, and one whose time has come meanwhile',
  async () => {
    const integration = await scene.connect();
    await untilReceived(await storeSilently(integration));
    await terminate(workflowIds.integration(integration.id));
    await untilReceived(await storeSilently(integration, sql("now() + interval '2 seconds'")));
  },
  timeoutMs,
);

test(
  'the sweep finds what a hold kept that nobody was told the end of',
  async () => {
    const integration = await scene.connect({ userId: 'held' });
    await insertHold(scene.system.pool, { user_id: 'held' });
    const kept = await storeSilently(integration);
    // Another's comes by meanwhile: so did the sweep.
    await untilReceived(await storeSilently(await scene.connect()));
    expect(scene.destination.received.map(({ id }) => id)).not.toContain(kept);
    await query('DELETE FROM holds WHERE user_id = $1', ['held']);
    await untilReceived(kept);
  },
  timeoutMs,
);

test(
  'the sweep finds an integration whose credential died, and came back, without a word',
  async () => {
    const integration = await scene.connect();
    const set = (state: string, code: string | null) =>
      query('UPDATE credentials SET state = $2, code = $3 WHERE id = $1', [
        ...[credentialOf(integration), state, code],
      ]);
    await set('dead', 'revoked');
    await untilStatus(integration, 'ERROR');
    await set('alive', null);
    await untilStatus(integration, 'ENABLED');
    // Each ends when the next begins, for retention; the newest doesn't.
    const { rows } = await query(
      `SELECT number, ended_at = lead(at) OVER (ORDER BY number) AS ended FROM transitions
       WHERE integration_id = $1 ORDER BY number`,
      [integration.id],
    );
    expect(rows).toEqual([
      { number: 0, ended: true },
      { number: 1, ended: true },
      { number: 2, ended: null },
    ]);
  },
  timeoutMs,
);

test(
  'the sweep finds a credential past its time whose actor was terminated',
  async () => {
    const integration = await scene.connect();
    const id = credentialOf(integration);
    await eventually(() => terminate(workflowIds.credential(id)), patience);
    await query(
      "UPDATE credentials SET refresh_at = now() - interval '10 seconds', expires_at = now() WHERE id = $1",
      [id],
    );
    await eventually(async () => {
      const { rows } = await query('SELECT version FROM credentials WHERE id = $1', [id]);
      expect(rows).toEqual([{ version: 2 }]);
    }, patience);
  },
  timeoutMs,
);

test(
  'the sweep finds a notice that was written and never sent',
  async () => {
    const type = `test.${randomUUID()}`;
    const payload = JSON.stringify({ type, timestamp: new Date().toISOString(), data: {} });
    await insertNotice(scene.system.pool, { type, payload });
    await eventually(
      () => expect(receiver.notices.map((notice) => notice.type)).toContain(type),
      patience,
    );
  },
  timeoutMs,
);

test(
  'the sweep finds a grant that has to be given back, of which nobody was told',
  async () => {
    const integration = await scene.connect();
    const id = credentialOf(integration);
    await query(
      `INSERT INTO revocations (credential_id, user_id, provider, account_id, parameters, version,
                                access_token, refresh_token, next_attempt_at)
       SELECT id, user_id, provider, account_id, parameters, version, access_token, refresh_token,
              now() - interval '1 minute'
       FROM credentials WHERE id = $1`,
      [id],
    );
    await terminate(workflowIds.credential(id)).catch(() => undefined);
    await query('DELETE FROM integrations WHERE id = $1', [integration.id]);
    await query('DELETE FROM credentials WHERE id = $1', [id]);
    await eventually(
      () =>
        expect(scene.revocations.shown.map(({ token }) => token)).toContain(
          integration.refreshToken,
        ),
      patience,
    );
  },
  timeoutMs,
);
