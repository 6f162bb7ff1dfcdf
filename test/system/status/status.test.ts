import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { untilQuiet } from '../../support/until-quiet';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());

const handle = ({ id }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(workflowIds.integration(id));

const invalidate = (integration: IntegrationBody, name = 'main', version = 1) =>
  handle(integration).signal('credentialInvalidated', {
    credentialId: credential(integration, name).id,
    version,
    code: 'invalid_grant',
  });

function credential(integration: IntegrationBody, name: string) {
  const found = integration.credentials.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no credential ${name}`);
  return found;
}

const audit = async ({ id }: IntegrationBody) =>
  (
    await scene.system.api<{ items: { number: number; from: string; to: string; code: string }[] }>(
      'GET',
      `/v1/integrations/${id}/transitions`,
    )
  ).body.items;

async function reconnect(integration: IntegrationBody, name = 'main', fields = {}) {
  const path = `/v1/integrations/${integration.id}/credentials/${name}`;
  const answer = await scene.system.api('PUT', path, { ...scene.provider.grant(), ...fields });
  expect(answer).toMatchObject({ status: 200 });
  return answer;
}

const historyLength = async (integration: IntegrationBody) =>
  (await handle(integration).describe()).historyLength;

const settled = (integration: IntegrationBody) => untilQuiet(handle(integration));

const two = () => ({ main: scene.provider.grant(), backup: scene.provider.grant() });

describe('the status, through the real server', () => {
  test('S1 S11 S51 Postgres, API, query and search attributes agree on one ERROR and its reason', async () => {
    const healthy = await scene.connect();
    const integration = await scene.connect();
    await invalidate(integration);
    const shown = await scene.until(integration.id, 'ERROR');
    expect(shown).toMatchObject({
      transition: 1,
      health: 'dead',
      reason: { code: 'invalid_grant', credential: 'main', by: 'system' },
    });
    expect(Date.parse(shown.reason?.since ?? '')).not.toBeNaN();
    await eventually(async () =>
      expect(await handle(integration).query('status')).toMatchObject({
        status: 'ERROR',
        transition: 1,
        reason: shown.reason,
      }),
    );
    expect(await handle(integration).query('__temporal_workflow_metadata')).toMatchObject({
      currentDetails: expect.stringMatching(
        /ERROR[^]*"main" was revoked[^]*reauthorized/,
      ) as string,
    });
    await eventually(async () => {
      const listed = [];
      for await (const { workflowId } of scene.system.temporal.workflow.list({
        query: 'IntegrationStatus="ERROR" AND ExecutionStatus="Running"',
      })) {
        listed.push(workflowId);
      }
      expect(listed).toContain(workflowIds.integration(integration.id));
      expect(listed).not.toContain(workflowIds.integration(healthy.id));
    });
    const { typedSearchAttributes } = await handle(integration).describe();
    expect(
      Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])),
    ).toMatchObject({
      IntegrationReason: 'invalid_grant',
      IntegrationProvider: 'acme',
      IntegrationUser: 'user-1',
    });
    expect(await audit(integration)).toMatchObject([
      {
        number: 1,
        from: 'ENABLED',
        to: 'ERROR',
        code: 'invalid_grant',
        credential: 'main',
        version: 1,
        by: 'system',
      },
      { number: 0 },
    ]);
  });

  test('S2 the same, an older and an unknown version: no second transition', async () => {
    const integration = await scene.connect();
    await invalidate(integration, 'main', 9999);
    await invalidate(integration, 'main', 0);
    await settled(integration);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
    await invalidate(integration);
    await invalidate(integration);
    await scene.until(integration.id, 'ERROR');
    await invalidate(integration);
    await settled(integration);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'ERROR', transition: 1 });
  });

  test('S3 a death that arrives after the reconnect that outdates it is ignored', async () => {
    const integration = await scene.connect();
    expect((await reconnect(integration)).body).toEqual({ version: 2 });
    await invalidate(integration, 'main', 1);
    await settled(integration);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'ENABLED', transition: 0 });
  });

  test('S4 two dead, one reconnected: still ERROR, and it names the other; the second: ENABLED', async () => {
    const integration = await scene.connect({ credentials: two() });
    await invalidate(integration, 'main');
    await invalidate(integration, 'backup');
    await eventually(async () =>
      expect((await scene.show(integration.id)).reason?.message).toMatch(/"backup" .* and "main"/),
    );
    await reconnect(integration, 'main');
    const between = await eventually(async () => {
      const shown = await scene.show(integration.id);
      expect(shown.reason?.message).not.toContain('"main"');
      return shown;
    });
    expect(between).toMatchObject({
      status: 'ERROR',
      transition: 1,
      reason: { credential: 'backup' },
    });
    await reconnect(integration, 'backup');
    expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({
      transition: 2,
      reason: null,
    });
    expect(await audit(integration)).toHaveLength(3);
  });

  test('S5 two on one credential: one refresh failure breaks both, one reconnect mends both; a switched-off one stays off', async () => {
    const first = await scene.connect();
    const share = { main: { id: credential(first, 'main').id } };
    const second = await scene.connect({ credentials: share });
    const off = await scene.connect({ credentials: share });
    await scene.system.api('POST', `/v1/integrations/${off.id}/disable`, {});
    scene.provider.revokeAll();
    const { status } = await scene.system.api('POST', `/v1/integrations/${first.id}/token/reject`, {
      version: 1,
    });
    expect(status).toBe(424);
    await scene.until(first.id, 'ERROR');
    await scene.until(second.id, 'ERROR');
    expect(await scene.show(off.id)).toMatchObject({ status: 'DISABLED', health: 'dead' });
    await reconnect(first);
    await scene.until(first.id, 'ENABLED');
    await scene.until(second.id, 'ENABLED');
    await settled(off);
    expect(await scene.show(off.id)).toMatchObject({ status: 'DISABLED' });
    await reconnect(off, 'main', { resume: true });
    await scene.until(off.id, 'ENABLED');
  });

  test('S6 DISABLED with a dead credential stays so; enabling it is ERROR', async () => {
    const integration = await scene.connect();
    const switched = await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {
      reason: 'moving house',
    });
    expect(switched).toMatchObject({
      status: 200,
      body: { status: 'DISABLED', reason: { code: 'switched_off', message: 'moving house' } },
    });
    await invalidate(integration);
    await settled(integration);
    expect(await scene.show(integration.id)).toMatchObject({ status: 'DISABLED', health: 'dead' });
    const enabled = await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
    expect(enabled).toMatchObject({ status: 200, body: { status: 'ERROR', transition: 2 } });
  });

  test('S7 enable in ERROR is refused with a sentence that names the credential, and leaves no history event', async () => {
    const integration = await scene.connect({ credentials: two() });
    await invalidate(integration, 'backup');
    await scene.until(integration.id, 'ERROR');
    await settled(integration);
    const before = await historyLength(integration);
    const refused = await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'credential_dead' } } });
    expect(JSON.stringify(refused.body)).toContain('\\"backup\\"');
    expect(await historyLength(integration)).toBe(before);
  });

  test('S8 a reauthorization with nothing wrong: no transition, no write', async () => {
    const integration = await scene.connect();
    await settled(integration);
    const rows = async () =>
      (
        await scene.system.pool.query<{ xmin: string }>(
          `SELECT concat_ws(' ', i.xmin, l.xmin, k.xmin) AS xmin FROM integrations i
           JOIN integration_credentials l ON l.integration_id = i.id
           JOIN credentials k ON k.id = l.credential_id WHERE i.id = $1`,
          [integration.id],
        )
      ).rows;
    const before = await rows();
    const { id } = credential(integration, 'main');
    await handle(integration).signal('reauthorized', { credentialId: id, version: 1 });
    await handle(integration).signal('reauthorized', { credentialId: id });
    await handle(integration).signal('reauthorized');
    await settled(integration);
    expect(await rows()).toEqual(before);
    expect(await audit(integration)).toHaveLength(1);
  });

  test('an operator by the command line: invalidated with no input, tried once more with no input', async () => {
    const integration = await scene.connect();
    await handle(integration).signal('credentialInvalidated');
    expect(await scene.until(integration.id, 'ERROR')).toMatchObject({
      reason: { code: 'invalidated', by: 'operator' },
    });
    await handle(integration).signal('reauthorized');
    expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({
      ...{ transition: 2, credentials: [{ version: 2 }] },
    });
  });

  test('an update by the command line is refused with what to type, and answered with the status', async () => {
    const integration = await scene.connect();
    await expect(handle(integration).executeUpdate('disable', { args: [] })).rejects.toMatchObject({
      cause: { type: 'invalid_request', message: expect.stringContaining('{"by":') as string },
    });
    await expect(
      handle(integration).executeUpdate('disable', { args: [{ by: 'ops' }] }),
    ).resolves.toMatchObject({ status: 'DISABLED', reason: { by: 'ops' } });
  });

  test('S3 signals that arrive together with updates never end the looking', async () => {
    const integration = await scene.connect();
    for (let round = 0; round < 15; round++) {
      const to = round % 2 === 0 ? 'disable' : 'enable';
      await Promise.all([
        handle(integration).signal('holdChanged'),
        handle(integration).executeUpdate(to, { args: [{ by: 'ops' }] }),
        handle(integration).signal('holdChanged'),
      ]);
    }
    await handle(integration).executeUpdate('enable', { args: [{ by: 'ops' }] });
    await invalidate(integration);
    await scene.until(integration.id, 'ERROR');
  });

  test('not_connected: transition 0, no notice, ENABLED at the first connection', async () => {
    const integration = await scene.connect({ credentials: {} });
    expect(integration).toMatchObject({
      status: 'ERROR',
      transition: 0,
      reason: { code: 'not_connected' },
    });
    await reconnect(integration);
    expect(await scene.until(integration.id, 'ENABLED')).toMatchObject({ transition: 1 });
  });

  test('an actor whose row is gone ends', async () => {
    const integration = await scene.connect();
    expect((await scene.system.api('DELETE', `/v1/integrations/${integration.id}`)).status).toBe(
      204,
    );
    await eventually(async () => {
      const { status } = await handle(integration).describe();
      expect(status.name).toBe('COMPLETED');
    });
  });
});
