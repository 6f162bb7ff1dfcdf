import { workflowIds } from '../../../workflows/contract/ids';
import { refresh } from '../../../workflows/contract/messages';
import { eventually } from '../../support/eventually';
import { linesOf } from '../../support/log-events';
import { answerJson } from '../../support/doubles/oauth-server';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import {
  type NoticeReceiver,
  startNoticeReceiver,
} from '../../support/doubles/notification-receiver';

let scene: Scene;
let receiver: NoticeReceiver;
beforeAll(async () => {
  receiver = await startNoticeReceiver();
  scene = await startScene({ config: receiver.config });
}, 60_000);
afterAll(async () => {
  await scene.close();
  await receiver.close();
});
afterEach(() => scene.provider.behave(undefined));

const reject = (integration: IntegrationBody, version = 1) =>
  scene.system.api<{ version: number; error: { code: string } }>(
    'POST',
    `/v1/integrations/${integration.id}/token/reject`,
    { version },
  );

const token = (integration: IntegrationBody) =>
  scene.system.api<{ accessToken: string; version: number; error: { code: string } }>(
    'GET',
    `/v1/integrations/${integration.id}/token`,
  );

const signalsOf = async (id: string) => {
  const handle = scene.system.temporal.workflow.getHandle(`integration:${id}`);
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal?.signalName === 'credentialInvalidated',
  ).length;
};

const credentialHandle = ({ credentials }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(workflowIds.credential(credentials[0]?.id ?? ''));

const historyOf = async (integration: IntegrationBody) =>
  (await credentialHandle(integration).fetchHistory()).events ?? [];

describe('tokens', () => {
  test('S29 invalid_grant: dead, one signal for each integration', async () => {
    const first = await scene.connect();
    const id = first.credentials[0]?.id ?? '';
    const second = await scene.connect({ credentials: { main: { id } } });
    scene.provider.revokeAll();
    expect(await reject(first)).toMatchObject({
      status: 424,
      body: { error: { code: 'credential_dead' } },
    });
    await scene.until(first.id, 'ERROR');
    await scene.until(second.id, 'ERROR');
    expect(await signalsOf(first.id)).toBe(1);
    expect(await signalsOf(second.id)).toBe(1);
    const calls = scene.provider.tokenCalls();
    expect((await reject(first)).status).toBe(424);
    expect((await token(first)).status).toBe(424);
    expect(scene.provider.tokenCalls()).toBe(calls);

    const changes = linesOf(scene.system.logLines, 'integration.status_changed');
    for (const integrationId of [first.id, second.id]) {
      expect(changes.filter((line) => line['integrationId'] === integrationId)).toMatchObject([
        {
          ...{ level: 'warn', provider: 'acme', from: 'ENABLED', to: 'ERROR' },
          ...{ code: 'invalid_grant', credential: 'main', by: 'system' },
        },
      ]);
    }
    const deaths = linesOf(scene.system.logLines, 'credential.died');
    expect(deaths.filter((line) => line['credentialId'] === id)).toMatchObject([
      { level: 'info', provider: 'acme', version: 1, code: 'invalid_grant' },
    ]);
  });

  test('S29 invalid_client: the operator is alerted once, no status changes, and it mends itself', async () => {
    const [first, second] = [await scene.connect(), await scene.connect()];
    scene.provider.behave((answer) => answerJson(answer, 401, { error: 'invalid_client' }));
    for (const one of [first, second]) {
      expect(await reject(one)).toMatchObject({
        status: 503,
        body: { error: { code: 'refresh_unavailable' } },
      });
    }
    await eventually(() =>
      expect(receiver.notices.filter(({ type }) => type === 'app.fault')).toMatchObject([
        { data: { provider: 'acme', reason: { code: 'invalid_client' } } },
      ]),
    );
    const alerts = scene.system.logLines.filter((line) => line.includes('application_fault.began'));
    expect(alerts).toHaveLength(1);
    for (const { id } of [first, second]) {
      expect(await scene.show(id)).toMatchObject({
        status: 'ENABLED',
        health: 'degraded',
        transition: 0,
      });
    }
    expect((await token(first)).status).toBe(200);
    scene.provider.behave(undefined);
    await eventually(
      async () => expect(await scene.show(first.id)).toMatchObject({ health: 'healthy' }),
      {
        timeoutMs: 20_000,
      },
    );
    expect((await token(first)).body.version).toBe(2);
  });

  test('S30 a provider that fails for a while changes no status: degraded, then healthy by itself', async () => {
    const integration = await scene.connect();
    scene.provider.behave((answer) =>
      answer.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad</h1>'),
    );
    expect((await reject(integration)).status).toBe(503);
    expect(await scene.show(integration.id)).toMatchObject({
      status: 'ENABLED',
      health: 'degraded',
    });
    scene.provider.behave(undefined);
    await eventually(
      async () => expect(await scene.show(integration.id)).toMatchObject({ health: 'healthy' }),
      {
        timeoutMs: 20_000,
      },
    );
    expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
  });

  test('S31 five callers with an expired token at once: one refresh, five answers', async () => {
    const integration = await scene.connect({ expiresInMs: 500 });
    const calls = scene.provider.tokenCalls();
    scene.provider.behave((answer, rotate) => {
      const issued = rotate();
      setTimeout(
        () =>
          answerJson(answer, 200, {
            access_token: issued?.accessToken,
            refresh_token: issued?.refreshToken,
            token_type: 'Bearer',
            expires_in: 3600,
          }),
        500,
      );
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => reject(integration)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers.map(({ body }) => body.version)).toEqual([2, 2, 2, 2, 2]);
    expect(scene.provider.tokenCalls()).toBe(calls + 1);
    expect(scene.provider.reuses()).toBe(0);
    // Temporal takes ten updates at a time for one workflow: the gateway has sent one for all of them.
    const history = await historyOf(integration);
    expect(
      history.filter((one) => one.workflowExecutionUpdateAcceptedEventAttributes),
    ).toHaveLength(1);
  });

  test('S31 five processes that ask for one credential at once: one activity, five answers', async () => {
    const integration = await scene.connect();
    const answers: (() => void)[] = [];
    scene.provider.behave((answer, rotate) => {
      const issued = rotate();
      answers.push(() =>
        answerJson(answer, 200, {
          access_token: issued?.accessToken,
          refresh_token: issued?.refreshToken,
          token_type: 'Bearer',
          expires_in: 3600,
        }),
      );
    });
    const updates = await Promise.all(
      Array.from({ length: 5 }, () =>
        credentialHandle(integration).startUpdate(refresh, {
          args: [{ rejectedVersion: 1 }],
          waitForStage: 'ACCEPTED',
        }),
      ),
    );
    await eventually(() => expect(answers).toHaveLength(1));
    answers[0]?.();
    expect(await Promise.all(updates.map((update) => update.result()))).toMatchObject(
      updates.map(() => ({ kind: 'alive', version: 2 })),
    );
    const started = (await historyOf(integration)).filter(
      ({ activityTaskScheduledEventAttributes: activity }) =>
        activity?.activityType?.name === 'refreshCredential',
    );
    expect(started).toHaveLength(1);
  });

  test('S34 no refresh token and a token that has ended: no call to the provider, no_refresh_token', async () => {
    const { accessToken } = scene.provider.grant();
    const expiresAt = new Date(Date.now() + 500).toISOString();
    const integration = await scene.connect({ credentials: { main: { accessToken, expiresAt } } });
    const calls = scene.provider.tokenCalls();
    await eventually(async () => expect((await token(integration)).status).toBe(424));
    expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
      reason: { code: 'no_refresh_token' },
    });
    expect(scene.provider.tokenCalls()).toBe(calls);
  });

  test('S35 no refresh token and nobody to confirm a 401: it waits, for an hour', async () => {
    const { accessToken } = scene.provider.grant();
    const integration = await scene.connect({ credentials: { main: { accessToken } } });
    expect(await reject(integration)).toMatchObject({ status: 503 });
    expect(await scene.show(integration.id)).toMatchObject({
      ...{ status: 'ENABLED', health: 'degraded', credentials: [{ code: 'access_refused' }] },
    });
  });

  test('S34 a token without a refresh token is used until it ends, then its end is noticed without traffic', async () => {
    const { accessToken } = scene.provider.grant();
    const expiresAt = new Date(Date.now() + 3_000).toISOString();
    const integration = await scene.connect({ credentials: { main: { accessToken, expiresAt } } });
    expect((await token(integration)).body.accessToken).toBe(accessToken);
    expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
      reason: { code: 'no_refresh_token' },
    });
  });

  test('S39 a token is refreshed ahead of its expiry without traffic', async () => {
    const integration = await scene.connect({ expiresInMs: 5_000 });
    await eventually(async () =>
      expect((await scene.show(integration.id)).credentials[0]).toMatchObject({
        version: 2,
        state: 'alive',
      }),
    );
  });

  test('S50 one notice at death, one at recovery, signed, in order, repeated under the same id until it is taken', async () => {
    receiver.refuse(true);
    const integration = await scene.connect({ fields: { metadata: { plan: 'gold' } } });
    scene.provider.revokeAll();
    await reject(integration);
    await scene.until(integration.id, 'ERROR');
    await scene.system.api(
      'PUT',
      `/v1/integrations/${integration.id}/credentials/main`,
      scene.provider.grant(),
    );
    await scene.until(integration.id, 'ENABLED');
    const mine = () =>
      receiver.attempts.filter(({ notice }) => notice.data['integrationId'] === integration.id);
    await eventually(() => expect(mine().length).toBeGreaterThanOrEqual(2), { timeoutMs: 20_000 });
    receiver.refuse(false);
    await eventually(
      () =>
        expect(
          mine()
            .filter(({ taken }) => taken)
            .map(({ notice }) => notice.type),
        ).toEqual(['integration.error', 'integration.recovered']),
      { timeoutMs: 30_000 },
    );
    const errors = mine().filter(({ notice }) => notice.type === 'integration.error');
    expect(errors.length).toBeGreaterThan(1);
    expect(new Set(errors.map(({ id }) => id)).size).toBe(1);
    expect(errors[0]?.notice.data).toMatchObject({
      userId: 'user-1',
      provider: 'acme',
      metadata: { plan: 'gold' },
      status: 'ERROR',
      transition: 1,
      reason: { code: 'invalid_grant' },
      reconnectUrl: `http://holdfast.test/reconnect/${integration.id}`,
    });
    expect(mine().every(({ verified }) => verified)).toBe(true);
  }, 60_000);
});
