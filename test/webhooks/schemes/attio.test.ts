import { createHmac } from 'node:crypto';
import { attio } from '../../../src/providers/built-in/attio';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { oneEvent, webhook } from '../requests';

const secret = 'attio-secret';
const scheme = { scheme: 'attio', ...attio.webhook } as const;

function send(body: string, signatureName = 'Attio-Signature') {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers: [string, string][] = [
    [signatureName, signature],
    ['Idempotency-Key', 'key-1'],
  ];
  return verifyWebhook(scheme, webhook(headers, body), [secret]);
}

const created = '{"event_type": "record.created", "id": {"workspace_id": "w1"}}';
const deleted = '{"event_type":"record.deleted","id":{"workspace_id":"w2"}}';

test('S17 each event of a request has its own bytes, key, type and workspace', async () => {
  const verdict = await send(`{"webhook_id":"x","events":[ ${created} ,${deleted}]}`);
  expect(verdict).toEqual({
    ok: true,
    declaration: scheme,
    handshake: null,
    events: [
      {
        body: Buffer.from(created),
        dedupeKey: 'item:0:key-1',
        eventType: 'record.created',
        account: 'w1',
        foretellsDeath: false,
      },
      {
        body: Buffer.from(deleted),
        dedupeKey: 'item:1:key-1',
        eventType: 'record.deleted',
        account: 'w2',
        foretellsDeath: false,
      },
    ],
  });
});

test('the older name of the header is good too', async () => {
  expect(await send(`{"events":[${created}]}`, 'X-Attio-Signature')).toMatchObject({ ok: true });
});

test('a request without events is one', async () => {
  expect(await send('{"webhook_id":"x"}')).toEqual(
    oneEvent({ dedupeKey: 'key-1', account: null, body: Buffer.from('{"webhook_id":"x"}') }),
  );
});
