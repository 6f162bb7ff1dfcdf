import { inTransaction } from '../../src/db/transaction';
import { newId } from '../../src/lib/ids';
import { beginIncident, type IncidentBegin } from '../../src/notifications/incidents';
import { testDatabase, type TestDatabase } from '../support/servers/database';
import { insertIntegration } from '../support/scenes/rows';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const settings = { publicUrl: 'http://holdfast.test', notifyUrl: 'http://notify.test' };

const integration = () => insertIntegration(db.pool, { metadata: '{"plan":"gold"}' });

const begin = (incident: IncidentBegin) =>
  inTransaction(db.pool, (client) => beginIncident(client, incident, settings));

async function notices(id: string) {
  const { rows } = await db.pool.query<{ type: string; payload: string }>(
    'SELECT type, payload FROM notices WHERE integration_id = $1 ORDER BY sequence',
    [id],
  );
  return rows;
}

describe('incidents', () => {
  test('of several who see one begin at the same moment one is told that it is new, and there is one notice', async () => {
    const id = await integration();
    const incident = { integrationId: id, kind: 'inbox_full', more: { pending: 7 } } as const;
    const began = await Promise.all(Array.from({ length: 8 }, () => begin(incident)));
    expect(began.filter(Boolean)).toHaveLength(1);
    const [notice, ...others] = await notices(id);
    expect(others).toEqual([]);
    expect(notice?.type).toBe('integration.inbox_full');
    expect(JSON.parse(notice?.payload ?? '')).toMatchObject({
      type: 'integration.inbox_full',
      timestamp: expect.stringMatching(/Z$/) as string,
      data: {
        ...{ integrationId: id, userId: 'user-1', name: id, provider: 'acme', status: 'ENABLED' },
        ...{ metadata: { plan: 'gold' }, reason: null, transition: 0, pending: 7 },
        reconnectUrl: `http://holdfast.test/reconnect/${id}`,
      },
    });
  });

  test('after its end the next one is new again, and each kind and integration has its own', async () => {
    const [id, other] = [await integration(), await integration()];
    const failed = { integrationId: id, kind: 'delivery_failed' } as const;
    expect(await begin(failed)).toBe(true);
    expect(await begin({ integrationId: id, kind: 'inbox_full' })).toBe(true);
    expect(await begin({ integrationId: other, kind: 'delivery_failed' })).toBe(true);
    await db.pool.query(
      "DELETE FROM integration_episodes WHERE integration_id = $1 AND kind = 'delivery_failed'",
      [id],
    );
    expect(await begin(failed)).toBe(true);
    expect(await begin({ integrationId: id, kind: 'inbox_full' })).toBe(false);
    expect((await notices(id)).map(({ type }) => type)).toEqual([
      'delivery.failed',
      'integration.inbox_full',
      'delivery.failed',
    ]);
  });

  test('what is rolled back has not begun', async () => {
    const id = await integration();
    const incident = { integrationId: id, kind: 'delivery_failed' } as const;
    const failing = inTransaction(db.pool, async (client) => {
      await beginIncident(client, incident, settings);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await notices(id)).toEqual([]);
    expect(await begin(incident)).toBe(true);
  });

  test('without an address for notices it begins all the same; of an integration that is gone none does', async () => {
    const id = await integration();
    const incident = { integrationId: id, kind: 'delivery_failed' } as const;
    const quiet = { ...settings, notifyUrl: undefined };
    const beginQuietly = () =>
      inTransaction(db.pool, (client) => beginIncident(client, incident, quiet));
    expect(await beginQuietly()).toBe(true);
    expect(await beginQuietly()).toBe(false);
    expect(await notices(id)).toEqual([]);
    expect(await begin({ integrationId: newId('int'), kind: 'inbox_full' })).toBe(false);
  });
});
