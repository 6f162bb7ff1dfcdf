import { workflowIds } from '../../../workflows/contract/ids';
import { eventually } from '../../support/eventually';
import { untilQuiet } from '../../support/until-quiet';
import {
  type IntegrationBody,
  type Scene,
  sendWebhook,
  startScene,
  type WebhookAnswer,
} from '../../support/scenes/scene';

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.close());

const handle = ({ id }: IntegrationBody) =>
  scene.system.temporal.workflow.getHandle(workflowIds.integration(id));

async function events(integration: IntegrationBody, type: string): Promise<number> {
  const history = await handle(integration).fetchHistory();
  return (history.events ?? []).filter((event) => Object.hasOwn(event, type)).length;
}

const handledIds = () => scene.destination.received.map(({ id }) => id);

async function breakIt(integration: IntegrationBody): Promise<void> {
  await handle(integration).signal('credentialInvalidated');
  await scene.until(integration.id, 'ERROR');
}

describe('the inbox', () => {
  test('S12 refused webhooks are 401 and are kept as rejections with their reason, never stored', async () => {
    const integration = await scene.connect();
    const forged = {
      id: integration.id,
      webhookSecret: `whsec_${Buffer.alloc(32).toString('base64')}`,
    };
    expect((await sendWebhook(scene.system.url, forged)).status).toBe(401);
    const headers: Record<string, string>[] = [
      {},
      { 'webhook-id': 'x', 'webhook-timestamp': 'soon', 'webhook-signature': 'v1,AAAA' },
      { 'webhook-id': 'x', 'webhook-timestamp': '12', 'webhook-signature': 'v1,AAAA' },
    ];
    for (const each of headers) {
      const response = await fetch(`${scene.system.url}/webhooks/${integration.id}`, {
        method: 'POST',
        headers: each,
        body: '{}',
      });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'invalid_signature' } });
    }
    await eventually(async () => {
      const { body } = await scene.system.api<{ items: { reason: string }[] }>(
        'GET',
        `/v1/integrations/${integration.id}/rejections`,
      );
      const reasons = body.items.map(({ reason }) => reason);
      expect(reasons).toHaveLength(4);
      expect(reasons).toContain('wrong_signature');
      expect(reasons).toContain('malformed_timestamp');
    });
    expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 0, handled: 0 });
  });

  test('S12 with no secret configured every webhook is 401', async () => {
    const integration = await scene.connect();
    await scene.system.pool.query(
      "DELETE FROM integration_secrets WHERE integration_id = $1 AND purpose = 'webhook'",
      [integration.id],
    );
    expect((await scene.webhook(integration)).status).toBe(401);
  });

  test('an unknown integration is 404, a malformed one too', async () => {
    for (const id of ['int_0123456789abcdef', 'nonsense', 'int_%00', '..%2f..']) {
      const response = await fetch(`${scene.system.url}/webhooks/${id}`, { method: 'POST' });
      expect(response.status).toBe(404);
    }
  });

  test('S22 a body over the limit, also chunked, is 413 and kept as a rejection', async () => {
    const integration = await scene.connect();
    const url = `${scene.system.url}/webhooks/${integration.id}`;
    const large = Buffer.alloc(1024 * 1024 + 1, 'x');
    const chunked = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(large.subarray(0, 65_536));
      },
    });
    const bodies: RequestInit[] = [{ body: large }, { body: chunked, duplex: 'half' }];
    for (const init of bodies) {
      const response = await fetch(url, { method: 'POST', ...init });
      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { code: 'body_too_large' } });
    }
    await eventually(async () => {
      const { body } = await scene.system.api<{ items: { reason: string; count: number }[] }>(
        'GET',
        `/v1/integrations/${integration.id}/rejections`,
      );
      expect(body.items).toMatchObject([{ reason: 'body_too_large', count: 2 }]);
    });
  });

  test('S16 the same key twice, also at the same moment: one row, one handling, the first one’s id', async () => {
    const integration = await scene.connect();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => scene.webhook(integration, { id: 'msg_twice' })),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(19);
    await eventually(async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 0, handled: 1 }),
    );
    expect(await scene.webhook(integration, { id: 'msg_twice' })).toMatchObject({
      outcome: 'duplicate',
      id: answers[0]?.id,
    });
    expect(handledIds().filter((id) => id === answers[0]?.id)).toHaveLength(1);
  });

  test('a webhook that is forwarded back to where it came from comes in no second time', async () => {
    const integration = await scene.connect();
    // Set before such an address was refused.
    await scene.system.pool.query('UPDATE integrations SET destination_url = $2 WHERE id = $1', [
      integration.id,
      `${scene.system.url}/webhooks/${integration.id}`,
    ]);
    const { id } = await scene.webhook(integration);
    await eventually(async () => {
      const { body } = await scene.system.api<{ attempts: object[] }>(
        'GET',
        `/v1/deliveries/${id}`,
      );
      expect(body.attempts[0]).toMatchObject({
        ...{ status: 508, error: 'The destination answered 508' },
        answer: expect.stringContaining('loop_detected') as string,
      });
    });
    expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 1, handled: 0 });
  });

  test('S16 a redelivery of one that was discarded is a new chance, at the end of the queue', async () => {
    const integration = await scene.connect();
    await scene.system.api('POST', `/v1/integrations/${integration.id}/disable`, {});
    const discarded = await scene.webhook(integration, { id: 'msg_again' });
    expect(discarded.outcome).toBe('discarded');
    await scene.system.api('POST', `/v1/integrations/${integration.id}/enable`, {});
    const other = await scene.webhook(integration);
    const again = await scene.webhook(integration, { id: 'msg_again' });
    expect(again).toMatchObject({ outcome: 'accepted', id: discarded.id });
    await eventually(() => expect(handledIds().slice(-2)).toEqual([other.id, discarded.id]));
  });

  test('S16 what was set aside is handled when it is sent again', async () => {
    const integration = await scene.connect();
    scene.destination.answer((_request, answer) => answer.writeHead(400).end());
    const failed = await scene.webhook(integration, { id: 'msg_failed' });
    await eventually(async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ failed: 1 }),
    );
    scene.destination.answer((_request, answer) => answer.writeHead(200).end());
    expect(await scene.webhook(integration, { id: 'msg_failed' })).toMatchObject({
      outcome: 'accepted',
      id: failed.id,
    });
    await eventually(async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ failed: 0, handled: 1 }),
    );
  });

  test('S16 a redelivery of one that was given up is tried as often as a new one', async () => {
    const integration = await scene.connect();
    const first = await scene.webhook(integration, { id: 'msg_given_up' });
    await eventually(async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ handled: 1 }),
    );
    // As it stands after the last of many attempts.
    await scene.system.pool.query(
      "UPDATE deliveries SET state = 'failed', attempts = 50, handled_at = NULL WHERE id = $1",
      [first.id],
    );
    let failures = 0;
    scene.destination.answer((_request, answer) => {
      answer.writeHead(failures++ === 0 ? 503 : 204).end();
    });
    expect(await scene.webhook(integration, { id: 'msg_given_up' })).toMatchObject({
      outcome: 'accepted',
      id: first.id,
    });
    await eventually(async () =>
      expect((await scene.show(integration.id)).inbox).toMatchObject({ failed: 0, handled: 1 }),
    );
    scene.destination.answer((_request, answer) => answer.writeHead(204).end());
  });

  test('S21 in ERROR: 202 parked, no signal, no history event, no error line', async () => {
    const integration = await scene.connect();
    await breakIt(integration);
    const historyLength = await untilQuiet(handle(integration));
    const lines = scene.system.logLines.length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => scene.webhook(integration)));
    expect(answers.every(({ status, outcome }) => status === 202 && outcome === 'parked')).toBe(
      true,
    );
    expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 50 });
    expect((await handle(integration).describe()).historyLength).toBe(historyLength);
    const noisy = scene.system.logLines
      .slice(lines)
      .filter((line) => /"level":"(warn|error)"/.test(line));
    expect(noisy).toEqual([]);
  });

  test('S21 in DISABLED: discarded and counted, kept where the integration says so', async () => {
    const discarding = await scene.connect();
    const keeping = await scene.connect({ fields: { whenDisabled: 'keep' } });
    for (const { id } of [discarding, keeping]) {
      await scene.system.api('POST', `/v1/integrations/${id}/disable`, {});
    }
    expect((await scene.webhook(discarding)).outcome).toBe('discarded');
    expect((await scene.webhook(keeping)).outcome).toBe('parked');
    expect((await scene.show(discarding.id)).inbox).toMatchObject({ discarded: 1, pending: 0 });
    const { id } = keeping;
    await scene.system.api('POST', `/v1/integrations/${id}/enable`, {});
    await eventually(async () =>
      expect((await scene.show(id)).inbox).toMatchObject({ handled: 1 }),
    );
  });

  test('S23 a thousand in a burst: in order, one at a time, few signals and few history events', async () => {
    const integration = await scene.connect();
    await eventually(async () =>
      expect(await events(integration, 'activityTaskCompletedEventAttributes')).toBeGreaterThan(0),
    );
    let open = 0;
    let overlapped = false;
    const first = scene.destination.received.length;
    scene.destination.answer((_request, answer) => {
      overlapped ||= ++open > 1;
      setImmediate(() => {
        open--;
        answer.writeHead(204).end();
      });
    });
    const startedAt = Date.now();
    const answers: WebhookAnswer[] = [];
    const sender = async (lane: number) => {
      for (let index = 0; index < 100; index++) {
        answers.push(await scene.webhook(integration, { id: `msg_${lane}_${index}` }));
      }
    };
    await Promise.all(Array.from({ length: 10 }, (_, lane) => sender(lane)));
    const seconds = (Date.now() - startedAt) / 1000;
    expect(answers.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    await eventually(
      async () =>
        expect((await scene.show(integration.id)).inbox).toMatchObject({
          handled: 1000,
          pending: 0,
        }),
      { timeoutMs: 30_000 },
    );
    scene.destination.answer((_request, answer) => answer.writeHead(204).end());
    expect(overlapped).toBe(false);
    const received = scene.destination.received.slice(first);
    expect(received).toHaveLength(1000);
    const sequences = received.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    // What was answered before another was sent is handled before it.
    const place = new Map(
      received.map(({ headers }, index) => [
        String(headers['holdfast-original-webhook-id']),
        index,
      ]),
    );
    for (let lane = 0; lane < 10; lane++) {
      const places = Array.from(
        { length: 100 },
        (_, index) => place.get(`msg_${lane}_${index}`) ?? -1,
      );
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    const signals = await events(integration, 'workflowExecutionSignaledEventAttributes');
    expect(signals).toBeLessThanOrEqual(4 * Math.ceil(seconds) + 2);
    expect((await handle(integration).describe()).historyLength).toBeLessThan(20 * signals + 60);
  }, 60_000);

  test('S23 a row that commits in the moment when a drain ends is handled without the sweep', async () => {
    const integration = await scene.connect();
    const sent: string[] = [];
    // The destination itself sends the next one, just before the drain finds its inbox empty.
    scene.destination.answer((_request, answer) => {
      answer.writeHead(204).end();
      if (sent.length >= 40) return;
      void scene.webhook(integration).then(({ id }) => sent.push(id));
    });
    sent.push((await scene.webhook(integration)).id);
    await eventually(() => expect(handledIds()).toEqual(expect.arrayContaining(sent)), {
      timeoutMs: 45_000,
    });
    await eventually(
      async () => {
        expect(sent.length).toBeGreaterThanOrEqual(40);
        expect((await scene.show(integration.id)).inbox).toMatchObject({ pending: 0 });
      },
      { timeoutMs: 45_000 },
    );
    scene.destination.answer((_request, answer) => answer.writeHead(204).end());
  }, 120_000);
});
