import { createHmac } from 'node:crypto';
import { eventually } from '../../support/eventually';
import { type Body, bodyLimitBytes, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

const secret = 'the signing secret of the application';
const rateLimitPerSecond = 5;

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await gatewayFixture({
    config: { rateLimitPerSecond },
    providers: {
      chat: {
        webhook: { scheme: 'slack', secrets: [secret], accountPointer: ['/team_id', '/team/id'] },
      },
      wordy: { webhook: { scheme: 'slack', successStatus: 204, answerBody: 'json' } },
      terse: { webhook: { scheme: 'none', successStatus: 204, answerBody: 'empty' } },
      silent: {
        webhook: { scheme: 'slack', secrets: [secret], answerBody: 'empty' },
      },
      keys: {
        webhook: {
          ...{ scheme: 'google-pubsub', audience: 'us', serviceAccount: 'them@example.com' },
          ...{ keysUrl: 'http://127.0.0.1:9/', answerBody: 'empty' },
        },
      },
    },
  });
});
afterAll(() => gateway.close());

const connect = (provider: string, fields: object = {}) =>
  gateway.create({ provider, credentials: undefined, ...fields });

const form = 'application/x-www-form-urlencoded';

async function post(url: string, payload: string, headers: Record<string, string> = {}) {
  const answer = await gateway.app.inject({ method: 'POST', url, payload, headers });
  const {
    'content-type': type,
    'content-length': length,
    'retry-after': retryAfter,
  } = answer.headers;
  return { status: answer.statusCode, text: answer.body, type, length, retryAfter };
}

/** Signed as Slack signs. */
function slack(url: string, body: string, { key = secret, type = form } = {}) {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex');
  return post(url, body, {
    'content-type': type,
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${signature}`,
  });
}

const nothing = (status: number) => ({ status, text: '', type: undefined });
const deliveries = async ({ id }: Body) =>
  (await gateway.pool.query('SELECT FROM deliveries WHERE integration_id = $1', [id])).rowCount;

describe('Slack', () => {
  const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  const submission = `payload=${json({ type: 'view_submission', team: { id: 'T1' }, view: { id: 'V1' } })}`;

  test.each([
    ['a modal that is submitted', submission, form],
    ['a command', 'team_id=T1&command=%2Fx&text=hi&trigger_id=1', `${form}; charset=utf-8`],
  ])(
    '%s is answered 200 and nothing, at both addresses, and has no key: each is one',
    async (_, body, type) => {
      const integration = await connect('chat', { webhookAccount: 'T1' });
      const own = { key: integration.webhookSecret, type };
      for (const options of [own, own]) {
        const answer = await slack(`/webhooks/${integration.id}`, body, options);
        expect(answer).toMatchObject({ ...nothing(200), length: '0' });
      }
      expect(await slack('/webhooks/apps/chat', body, { type })).toMatchObject(nothing(200));
      expect(await deliveries(integration)).toBe(3);
    },
  );

  test('its events are answered as declared, and so are forms where the declaration says how', async () => {
    const [chat, wordy] = [await connect('chat'), await connect('wordy')];
    const event = '{"event":{"type":"message"},"event_id":"Ev1"}';
    const asJson = { key: chat.webhookSecret, type: 'application/json' };
    const answer = await slack(`/webhooks/${chat.id}`, event, asJson);
    expect(answer).toMatchObject({
      status: 202,
      text: expect.stringContaining('accepted') as string,
    });
    const key = wordy.webhookSecret;
    expect(await slack(`/webhooks/${wordy.id}`, submission, { key })).toMatchObject(nothing(204));
    expect((await slack(`/webhooks/${wordy.id}`, submission, { key: 'another' })).text).toContain(
      'invalid_signature',
    );
  });

  const check = 'token=x&ssl_check=1';
  test('its unsigned ssl_check is answered 200 and nothing, and leaves no trace', async () => {
    const integration = await connect('chat');
    const url = `/webhooks/${integration.id}`;
    for (const address of [url, '/webhooks/apps/chat']) {
      // More than one source may have refused to it in a second.
      const answers = await Promise.all(
        Array.from({ length: 120 }, () => post(address, check, { 'content-type': form })),
      );
      for (const answer of answers) expect(answer).toMatchObject(nothing(200));
    }
    const smuggled = `${check}&team_id=T1&command=%2Fx&payload=${json({ type: 'x', team: { id: 'T1' } })}`;
    expect(await post(url, smuggled, { 'content-type': form })).toMatchObject(nothing(200));
    expect(await deliveries(integration)).toBe(0);

    // Anything else without a signature is refused, and stands alone in the list.
    const unlike = ['ssl_check=0', `${check}&x=${'x'.repeat(5_000)}`, 'team_id=T1'];
    for (const body of unlike) {
      const answer = await post(url, body, { 'content-type': form });
      expect(answer).toMatchObject(nothing(401));
    }
    const asJson = await post(url, check, { 'content-type': 'application/json' });
    expect(asJson.status).toBe(401);
    await eventually(async () => {
      const { body } = await gateway.call('GET', `/v1/integrations/${integration.id}/rejections`);
      const count = unlike.length + 1;
      expect(body.items).toMatchObject([{ reason: 'missing_signature', count }]);
    });
    const { body } = await gateway.call('GET', '/v1/providers/chat/rejections');
    expect(body.items).toEqual([]);
  });

  test('no other scheme knows an unsigned ssl_check', async () => {
    const integration = await connect('hooks');
    const answer = await post(`/webhooks/${integration.id}`, check, { 'content-type': form });
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('{') as string });
  });
});

describe('a sender that wants empty answers', () => {
  test('gets them whatever they say', async () => {
    const integration = await connect('terse');
    const url = `/webhooks/${integration.id}`;
    expect(await post(url, '{"n":1}')).toMatchObject(nothing(204));
    expect(await post(url, '{"n":1}')).toMatchObject(nothing(204));
    const answers = await Promise.all(
      Array.from({ length: 3 * rateLimitPerSecond }, () => post(url, '{"n":1}')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused[0]).toMatchObject({ ...nothing(429), length: '0', retryAfter: '1' });
  });

  test('also for what is rejected, at both addresses', async () => {
    const integration = await connect('silent');
    for (const url of [`/webhooks/${integration.id}`, '/webhooks/apps/silent']) {
      const answer = await slack(url, '{}', { key: 'another', type: 'application/json' });
      expect(answer).toMatchObject({ ...nothing(401), length: '0' });
    }
  });

  test('also before anything is known of it but its address: a body over the limit', async () => {
    const integration = await connect('terse');
    const tooLarge = 'x'.repeat(bodyLimitBytes + 1);
    for (const url of [`/webhooks/${integration.id}`, '/webhooks/apps/terse']) {
      expect(await post(url, tooLarge)).toMatchObject(nothing(413));
    }
    const other = await connect('hooks');
    expect(await post(`/webhooks/${other.id}`, tooLarge)).toMatchObject({
      status: 413,
      text: expect.stringContaining('body_too_large') as string,
    });
  });

  test('also where its public keys can not be had', async () => {
    const integration = await connect('keys');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg: 'RS256', kid: 'k' })}.${part({})}.x`;
    const answer = await post(`/webhooks/${integration.id}`, '{}', {
      authorization: `Bearer ${token}`,
    });
    expect(answer).toMatchObject(nothing(503));
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
  });

  test('S18 but its handshake keeps its body', async () => {
    const question = '{"type":"url_verification","challenge":"a challenge"}';
    const answer = await slack('/webhooks/apps/silent', question, { type: 'application/json' });
    expect(answer).toMatchObject({
      ...{ status: 200, text: 'a challenge', type: 'text/plain; charset=utf-8' },
    });
  });
});
