import { eventually } from '../../support/eventually';
import { whileShut } from '../../support/gate';
import { Browser } from '../browser';
import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { comingBack, link } from '../journey';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const headers = { authorization: 'Bearer a-key-of-the-application-0123456789' };

/** The application ends a person's sessions. */
async function end(userId: string): Promise<number> {
  const path = `${fixture.publicUrl}/v1/users/${userId}/sessions`;
  return (await fetch(path, { method: 'DELETE', headers })).status;
}

const somebodyWaits = (query: string) =>
  eventually(async () => {
    const { rowCount } = await fixture.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database()
       AND wait_event_type = 'Lock' AND query LIKE $1`,
      [query],
    );
    expect(rowCount).toBeGreaterThan(0);
  });

async function late(table: 'oauth_states' | 'confirmations', integrationId: string) {
  const { rows } = await fixture.pool.query<{ late: boolean }>(
    `SELECT expires_at <= now() AS late FROM ${table} WHERE integration_id = $1`,
    [integrationId],
  );
  return rows.map((row) => row.late);
}

/** A signed-in person stands before the button that leads to the provider. */
async function settingOut(userId: string) {
  const { id } = await fixture.integration(userId);
  const browser = new Browser();
  await browser.press(await browser.open(await link(fixture, userId, id)));
  await fixture.pool.query('DELETE FROM oauth_states WHERE integration_id = $1', [id]);
  const begin = () => browser.step(`${fixture.publicUrl}/oauth/acme/start?integration=${id}`);
  return { id, begin };
}

test('S59 a session that ends while its tokens come to wait takes them along', async () => {
  const { browser, callback, id } = await comingBack(fixture, 'ada');
  const where = 'BEFORE INSERT ON confirmations FOR EACH ROW';
  const doing: Promise<unknown>[] = [];
  await whileShut({ pool: fixture.pool, where }, async (reached) => {
    doing.push(browser.open(callback));
    await reached();
    const ended = end('ada');
    doing.push(ended);
    await Promise.race([ended, somebodyWaits('%FROM sessions%FOR UPDATE%')]);
  });
  await Promise.all(doing);
  expect(await late('confirmations', id)).toEqual([true]);
});

test('S59 a session that has ended while its person came back lets nothing be confirmed, and what came is revoked', async () => {
  const { browser, callback, id } = await comingBack(fixture, 'bo');
  await fixture.pool.query(`
    CREATE FUNCTION ends_session() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN DELETE FROM sessions WHERE id = NEW.session_id; RETURN NULL; END $$;
    CREATE TRIGGER ends AFTER UPDATE OF used_at ON oauth_states FOR EACH ROW EXECUTE FUNCTION ends_session()`);
  const { status, text } = await browser.open(callback);
  await fixture.pool.query('DROP FUNCTION ends_session CASCADE');
  expect([status, text]).toEqual([401, expect.stringContaining('not signed in here')]);
  // The next sweep revokes it.
  expect(await late('confirmations', id)).toEqual([true]);
});

test('S59 a session that ends while its person sets out takes that along, or lets nobody set out', async () => {
  const first = await settingOut('cy');
  const doing: Promise<unknown>[] = [];
  let where = 'BEFORE INSERT ON oauth_states FOR EACH ROW';
  await whileShut({ pool: fixture.pool, where }, async (reached) => {
    doing.push(first.begin());
    await reached();
    const ended = end('cy');
    doing.push(ended);
    await Promise.race([ended, somebodyWaits('%FROM sessions%FOR UPDATE%')]);
  });
  await Promise.all(doing);
  expect(await late('oauth_states', first.id)).toEqual([true]);

  const second = await settingOut('dee');
  where = 'AFTER DELETE ON sessions FOR EACH ROW';
  const begun: Promise<Response>[] = [];
  await whileShut({ pool: fixture.pool, where }, async (reached) => {
    doing.push(end('dee'));
    await reached();
    begun.push(second.begin());
    await somebodyWaits('%INSERT INTO oauth_states%');
  });
  await Promise.all(doing);
  expect((await begun[0])?.status).toBe(401);
  expect(await late('oauth_states', second.id)).toEqual([]);
});
