import { type IdentityFixture, identityFixture } from '../identity-fixture';
import { connect } from '../journey';
import { signalsOf } from '../signals';

let fixture: IdentityFixture;
beforeAll(async () => {
  fixture = await identityFixture();
});
afterAll(() => fixture.close());

const login = 'shared@single';

async function connected(userId: string, name: string, as = login) {
  const { id, credentialId } = await fixture.integration(userId, 'single', { name });
  expect((await connect(fixture, userId, id, as)).text).toContain('is connected');
  return { id, credentialId };
}

async function credentialOf(id: string) {
  const { rows } = await fixture.pool.query<{
    id: string;
    version: number;
    access_token: Buffer;
    account_proven: boolean;
    asked: boolean;
    disabled_version: number | null;
    resume_version: number | null;
  }>(
    `SELECT k.*, l.*, k.probe_at <= now() AS asked FROM integration_credentials l
     JOIN credentials k ON k.id = l.credential_id WHERE l.integration_id = $1`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('it has no credential');
  return row;
}

test('S41 where an account has one grant, a new consent renews all of its user that were consented to by it', async () => {
  const first = await connected('ann', 'contacts');
  const other = await connected('ben', 'contacts');
  const elsewhere = await connected('ann', 'mail', 'another@single');
  // Of the same account, says the application; nobody else does.
  const told = await fixture.integration('ann', 'single', {
    name: 'told',
    credentials: { main: { accessToken: 'given', accountId: login } },
  });
  await fixture.pool.query(
    `UPDATE credentials SET version = 7, state = 'dead', code = 'invalid_grant' WHERE id = $1`,
    [first.credentialId],
  );
  const before = await credentialOf(elsewhere.id);

  const second = await connected('ann', 'deals');
  const renewed = await credentialOf(second.id);
  expect(renewed).toMatchObject({ id: second.credentialId, version: 8, account_proven: true });
  expect(await credentialOf(first.id)).toMatchObject({ id: second.credentialId, version: 8 });
  expect(await signalsOf(fixture, `integration:${first.id}`)).toContainEqual({
    ...{ name: 'reauthorized', input: { credentialId: second.credentialId, version: 8 } },
  });
  const { rows } = await fixture.pool.query<{ id: string }>(
    'SELECT workflow_id AS id FROM deleted_actors',
  );
  expect(rows).toContainEqual({ id: `credential:${first.credentialId}` });

  // Another account is left alone; what isn't proven, or another user's, is asked about, and keeps its own tokens.
  expect(await credentialOf(elsewhere.id)).toEqual(before);
  for (const { id, credentialId } of [other, told]) {
    const kept = await credentialOf(id);
    expect(kept).toMatchObject({ id: credentialId, version: 1, asked: true });
    expect(kept.access_token).not.toEqual(renewed.access_token);
    expect(await signalsOf(fixture, `credential:${credentialId}`)).not.toEqual([]);
  }
});

test('S6 one that its user switched off stays off, and what waited for its token need not wait', async () => {
  const first = await connected('cat', 'contacts', 'cat@single');
  await fixture.pool.query(
    `UPDATE integrations SET status = 'DISABLED', reason_code = 'switched_off' WHERE id = $1`,
    [first.id],
  );
  await fixture.pool.query(
    'UPDATE integration_credentials SET disabled_version = 1 WHERE integration_id = $1',
    [first.id],
  );
  await fixture.pool.query(
    `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body,
                             next_attempt_at, waits_for_credential, waits_for_version)
     VALUES ('dlv_waiting', $1, 'c', 'accepted', 'pending', sha256('d'), '[]', '',
             now() + interval '1 hour', $2, 1)`,
    [first.id, first.credentialId],
  );
  const second = await connected('cat', 'deals', 'cat@single');
  const link = await credentialOf(first.id);
  expect(link).toMatchObject({ id: second.credentialId, version: 2, disabled_version: 1 });
  expect(link.resume_version ?? 0).toBeLessThanOrEqual(1);
  const { rows } = await fixture.pool.query(
    `SELECT k.version > d.waits_for_version AS due FROM deliveries d
     JOIN credentials k ON k.id = d.waits_for_credential WHERE d.id = 'dlv_waiting'`,
  );
  expect(rows).toEqual([{ due: true }]);
});
