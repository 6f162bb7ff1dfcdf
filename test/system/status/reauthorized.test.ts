import type { ServerResponse } from 'node:http';
import { workflowIds } from '../../../workflows/contract/ids';
import { answerJson } from '../../support/doubles/oauth-server';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';
import { eventually } from '../../support/eventually';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';

const trialPauseMs = 1_500;
let scene: Scene;
let receiver: NoticeReceiver;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startScene({
    ...{ config: receiver.config, withAccount: true, durations: { trialPauseMs } },
  });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});
afterEach(() => {
  scene.provider.behave(undefined);
  scene.provider.behaveApi(undefined);
});

const handle = ({ id }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(workflowIds.integration(id));
const byHand = (integration: IntegrationBody, ...args: unknown[]) =>
  handle(integration).signal('reauthorized', ...args);
const credentialId = ({ credentials }: IntegrationBody) => credentials[0]?.id ?? '';
const noticesOf = ({ id }: IntegrationBody) =>
  receiver.notices.flatMap(({ type, data }) => (data['integrationId'] === id ? [type] : []));
const forwarded = ({ id }: IntegrationBody) =>
  scene.destination.received.filter(({ headers }) => headers['holdfast-integration'] === id).length;
const credential = async (integration: IntegrationBody) =>
  (await scene.show(integration.id)).credentials[0];

/** In ERROR, of the death that it is said to have died. */
async function dead(code: string, connect = scene.connect()): Promise<IntegrationBody> {
  const integration = await connect;
  await handle(integration).signal('credentialInvalidated', {
    ...{ credentialId: credentialId(integration), version: 1, code },
  });
  return { ...integration, ...(await scene.until(integration.id, 'ERROR')) };
}

/** Keeps each answer back until it is let go; says when each token was shown. */
function holdAnswers() {
  const shown: number[] = [];
  const held: (() => void)[] = [];
  scene.provider.behave((answer: ServerResponse, rotate) => {
    shown.push(performance.now());
    const issued = rotate();
    const body = issued && {
      ...{ access_token: issued.accessToken, refresh_token: issued.refreshToken },
      ...{ token_type: 'Bearer', expires_in: 3600 },
    };
    held.push(() => answerJson(answer, body ? 200 : 400, body ?? { error: 'invalid_grant' }));
  });
  return { shown, letGo: () => held.splice(0).forEach((go) => go()) };
}

test('S58 reauthorized by hand, with a grant that the provider refuses: asked once a pause, and nothing changes but what the reason says', async () => {
  const integration = await scene.connect();
  const share = { main: { id: credentialId(integration) } };
  const other = await scene.connect({ credentials: share });
  scene.provider.revokeAll();
  await scene.system.api('POST', `/v1/integrations/${integration.id}/token/reject`, { version: 1 });
  const before = await scene.until(integration.id, 'ERROR');
  await scene.until(other.id, 'ERROR');
  await scene.webhook(integration);
  const { shown, letGo } = holdAnswers();

  for (let signal = 0; signal < 3; signal++) await byHand(integration);
  await eventually(() => expect(shown).toHaveLength(1));
  // Nobody waits for it.
  const path = (what: string, of = integration) => `/v1/integrations/${of.id}/${what}`;
  expect(await scene.system.api('POST', path('enable'), {})).toMatchObject({
    ...{ status: 409, body: { error: { code: 'credential_dead' } } },
  });
  expect(await scene.system.api('POST', path('disable', other), {})).toMatchObject({
    ...{ status: 200, body: { status: 'DISABLED' } },
  });
  letGo();
  const saying =
    /"main" was last tried again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: it is still rejected/;
  await eventually(async () =>
    expect((await scene.show(integration.id)).reason?.message).toMatch(saying),
  );

  for (let signal = 0; signal < 3; signal++) await byHand(integration);
  await eventually(() => expect(shown).toHaveLength(2));
  letGo();
  const [first = 0, second = 0] = shown;
  expect(second - first).toBeGreaterThan(trialPauseMs * 0.9);
  await untilQuiet(handle(integration));

  const { reason, ...after } = await scene.show(integration.id);
  expect(after).toMatchObject({ status: 'ERROR', transition: 1, inbox: { pending: 1 } });
  expect(reason).toMatchObject({ code: 'invalid_grant', since: before.reason?.since });
  expect(noticesOf(integration)).toEqual(['integration.error']);
  expect(forwarded(integration)).toBe(0);
  expect(shown).toHaveLength(2);
});

test('S58 reauthorized by hand, with a grant that the provider accepts: ENABLED within two seconds, and what was parked goes out', async () => {
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) {
    const integration = await dead('invalid_grant');
    await scene.webhook(integration);
    await untilQuiet(handle(integration));
    const from = performance.now();
    await byHand(integration);
    expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({
      ...{ transition: 2, health: 'healthy', credentials: [{ version: 2, state: 'alive' }] },
    });
    rounds.push(performance.now() - from);
    await eventually(() => expect(forwarded(integration)).toBe(1));
  }
  // On a busy machine one of them may be slow.
  expect(Math.min(...rounds)).toBeLessThan(2_000);
});

test('S58 reauthorized by hand, with the provider away: dead, and ENABLED once it is back', async () => {
  const integration = await dead('invalid_grant');
  let asked = 0;
  scene.provider.behave((answer) => {
    asked++;
    answerJson(answer, asked === 1 ? 503 : 401, { error: 'invalid_client' });
  });
  await byHand(integration);
  await eventually(() => expect(asked).toBe(2));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ERROR', transition: 1 });
  scene.provider.behave(undefined);
  expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({ transition: 2 });
  expect(noticesOf(integration)).toContain('integration.error');
});

test('S58 a reconnect during the trial wins, and what the trial brings is dropped', async () => {
  const integration = await dead('invalid_grant');
  const { shown, letGo } = holdAnswers();
  await byHand(integration);
  await eventually(() => expect(shown).toHaveLength(1));
  const grant = scene.provider.grant();
  const path = `/v1/integrations/${integration.id}`;
  await scene.system.api('PUT', `${path}/credentials/main`, grant);
  await scene.until(integration.id, 'ENABLED');
  letGo();
  await untilQuiet(
    scene.system.temporal.workflow.getHandle(workflowIds.credential(credentialId(integration))),
  );
  expect(await scene.system.api('GET', `${path}/token`)).toMatchObject({
    ...{ status: 200, body: { version: 2, accessToken: grant.accessToken } },
  });
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 2 });
});

test('S58 what died of its access token is alive again only once the provider takes that too', async () => {
  const integration = await dead('access_refused');
  scene.provider.behaveApi((answer) => void answer.writeHead(401).end());
  await byHand(integration);
  await eventually(async () =>
    expect((await scene.show(integration.id)).reason?.message).toContain('still rejected'),
  );
  // What the refresh brought is kept all the same.
  expect(await credential(integration)).toMatchObject({ version: 2, state: 'dead' });
  scene.provider.behaveApi(undefined);
  await byHand(integration);
  expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({
    ...{ transition: 2, credentials: [{ version: 3 }] },
  });
});

test('S58 a switch-off that an operator wants ended lasts until the trial has passed', async () => {
  const { accessToken } = scene.provider.grant();
  const connect = () => scene.connect({ credentials: { main: { accessToken } } });
  const off = async () => {
    const integration = await dead('revoked', connect());
    await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
    return integration;
  };
  scene.provider.behaveApi((answer) => void answer.writeHead(503).end());
  const integration = await off();
  await byHand(integration, { resume: true });
  const tried = () =>
    scene.system.logLines.some(
      (line) => line.includes('credential.tried') && line.includes('"unknown"'),
    );
  await eventually(() => expect(tried()).toBe(true));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'DISABLED', transition: 2 });
  scene.provider.behaveApi(undefined);
  // Its access token alone was asked about, and is what it was.
  expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({
    ...{ transition: 3, credentials: [{ version: 1, state: 'alive' }] },
  });

  scene.provider.behaveApi((answer) => void answer.writeHead(401).end());
  const refused = await off();
  await byHand(refused, { resume: true });
  await eventually(async () => {
    const sql = 'SELECT trial_refused_at AS at FROM credentials WHERE id = $1 AND trial_at IS NULL';
    const { rows } = await scene.system.pool.query<{ at: Date | null }>(sql, [
      credentialId(refused),
    ]);
    expect(rows[0]?.at).toBeInstanceOf(Date);
  });
  await scene.system.api('PUT', `/v1/integrations/${refused.id}/credentials/main`, {
    ...scene.provider.grant(),
  });
  await untilQuiet(handle(refused));
  expect(await scene.show(refused.id)).toMatchObject({ status: 'DISABLED', health: 'healthy' });
});

test('a signal without an effect says so in the details of the workflow', async () => {
  const integration = await scene.connect();
  await untilQuiet(handle(integration));
  const details = async () =>
    (await handle(integration).query<{ currentDetails: string }>('__temporal_workflow_metadata'))
      .currentDetails;
  await byHand(integration);
  await eventually(async () => expect(await details()).toContain('nothing is dead'));
  await handle(integration).signal('credentialInvalidated', {
    ...{ credentialId: credentialId(integration), version: 9, code: 'revoked' },
  });
  await eventually(async () => expect(await details()).toContain('is at version 1, not 9'));
  expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
});
