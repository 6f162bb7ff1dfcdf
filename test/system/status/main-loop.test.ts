import { eventually } from '../../support/eventually';
import { type Scene, startScene } from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());

describe('the main loop', () => {
  test('S1 S2 S42 a dead credential is one ERROR, its webhooks are kept, a reconnect handles them in order', async () => {
    const integration = await scene.connect();
    const first = await scene.webhook(integration);
    expect(first).toMatchObject({ status: 202, outcome: 'accepted' });
    await eventually(() => expect(scene.destination.received).toHaveLength(1));

    scene.provider.revokeAll();
    scene.destination.answer((_request, answer) => answer.writeHead(424).end());
    const used = await scene.webhook(integration);
    const broken = await scene.until(integration.id, 'ERROR');
    expect(broken).toMatchObject({
      transition: 1,
      reason: { code: 'invalid_grant', credential: 'main', by: 'system' },
    });

    const kept = [];
    for (let index = 0; index < 20; index++) kept.push(await scene.webhook(integration));
    expect(kept.every(({ outcome, status }) => outcome === 'parked' && status === 202)).toBe(true);

    scene.destination.answer((_request, answer) => answer.writeHead(204).end());
    const before = scene.destination.received.length;
    const { status, body } = await scene.system.api(
      'PUT',
      `/v1/integrations/${integration.id}/credentials/main`,
      {
        ...scene.provider.grant(),
      },
    );
    expect({ status, body }).toEqual({ status: 200, body: { version: 2 } });
    await scene.until(integration.id, 'ENABLED');
    await eventually(() => expect(scene.destination.received.length).toBe(before + 21));
    const handled = scene.destination.received.slice(before).map(({ id }) => id);
    expect(handled).toEqual([used.id, ...kept.map(({ id }) => id)]);
  });
});
