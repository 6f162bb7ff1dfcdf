import { get } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { closeServers, httpServer, type Received } from '../../handlers/loopback';
import { apiKey, ask, clientOf, play, post, releaseAll, type Reply } from './client';

afterEach(async () => {
  await releaseAll();
  await closeServers();
});

const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const destinationSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

interface Token {
  status: number;
  body: object;
}

/** The part of Holdfast that the playground calls, with the answers that the contract names. */
async function holdfastLike(token: () => Token, refusesReturnTo = false) {
  const server = await httpServer((response, { path, body }) => {
    const answer = (status: number, content: object) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(content));
    if (path === '/v1/integrations') {
      answer(201, {
        ...{ id: 'int_1', webhookUrl: `${server.origin}/webhooks/int_1`, webhookSecret },
        destination: { url: '…', secret: destinationSecret },
      });
    } else if (path === '/v1/sessions') {
      const refused = refusesReturnTo && body.toString().includes('returnTo');
      if (refused) answer(400, { error: { code: 'invalid_request', message: 'returnTo …' } });
      else answer(201, { token: 't', url: `${server.origin}/s/code`, expiresAt: '…' });
    } else if (path.endsWith('/token')) {
      const { status, body: content } = token();
      answer(status, content);
    } else if (path.startsWith('/webhooks/')) {
      answer(202, { id: 'dlv_1', outcome: 'accepted' });
    } else answer(404, { error: { code: 'integration_not_found', message: 'no' } });
  });
  return server;
}

const refusal = (status: number, code: string) => () => ({
  status,
  body: { error: { code, message: 'no' } },
});

async function connected(token: () => Token = refusal(503, 'refresh_unavailable')) {
  const { origin: holdfastUrl, received } = await holdfastLike(token);
  const playground = await play({ holdfastUrl });
  await playground.control.connect('ada', 'contacts');
  return { playground, received, holdfastUrl };
}

interface Forwarded {
  id?: string;
  secret?: string;
  body?: string;
  at?: Date;
}

/** A delivery, signed by the specification's own library. */
function forwarded(url: string, changes: Forwarded = {}): Promise<Reply> {
  const { id = 'dlv_1', secret = destinationSecret, at = new Date() } = changes;
  const body = changes.body ?? '{"number":7,"data":{"id":"contact-7"}}';
  return ask(`${url}/app/hook`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': `v1,AAAA ${new Webhook(secret).sign(id, at, body)}`,
      'holdfast-integration': 'int_1',
      'holdfast-sequence': '41',
      'holdfast-attempt': '2',
    },
  });
}

describe('the sender', () => {
  test('its webhooks pass the specification’s own verifier, and are numbered', async () => {
    const { playground, received } = await connected();
    const sent = await playground.control.sendWebhooks('int_1', 3);
    expect(sent).toMatchObject(
      [1, 2, 3].map((number) => ({ number, status: 202, outcome: 'accepted' })),
    );
    const webhooks = received.filter(({ path }) => path === '/webhooks/int_1');
    const contents = webhooks.map(({ headers, body }: Received) =>
      new Webhook(webhookSecret).verify(body.toString(), headers as Record<string, string>),
    );
    expect(contents).toMatchObject([1, 2, 3].map((number) => ({ number })));
    expect(new Set(webhooks.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  });

  test('what nobody takes is sent once, and says so', async () => {
    const { playground } = await connected();
    await closeServers();
    const sent = await playground.control.sendWebhooks('int_1', 1);
    expect(sent).toMatchObject([{ number: 1, status: null, outcome: 'no answer' }]);
  });
});

describe('the application', () => {
  test('handles a webhook with the token that Holdfast gives it', async () => {
    let accessToken = '';
    const { playground, received, holdfastUrl } = await connected(() => ({
      status: 200,
      body: { accessToken, expiresAt: null, version: 1 },
    }));
    accessToken = (await clientOf(playground, holdfastUrl).connect()).access;
    expect((await forwarded(playground.url)).status).toBe(200);
    expect((await forwarded(playground.url)).status).toBe(200);
    expect(playground.control.received('int_1')).toMatchObject([
      { deliveryId: 'dlv_1', number: 7, sequence: '41', attempt: 2, answer: 200, repeated: false },
      { deliveryId: 'dlv_1', answer: 200, repeated: true },
    ]);
    const call = received.find(({ path }) => path === '/v1/integrations/int_1/token');
    expect(call?.headers.authorization).toBe(`Bearer ${apiKey}`);
    playground.control.revokeGrants('ada');
    expect((await forwarded(playground.url)).status).toBe(424);
  });

  test.each([
    [424, 424, 'credential_dead'],
    [503, 503, 'refresh_unavailable'],
    [503, 500, 'internal'],
  ])('answers %i where Holdfast answers %i %s', async (answer, status, code) => {
    const { playground } = await connected(refusal(status, code));
    const reply = await forwarded(playground.url);
    expect(reply.status).toBe(answer);
    expect(reply.headers.get('retry-after')).toBe(answer === 503 ? '1' : null);
    expect(playground.control.received()).toMatchObject([{ answer }]);
  });

  test('answers 503 where Holdfast does not answer', async () => {
    const { playground } = await connected();
    await closeServers();
    expect((await forwarded(playground.url)).status).toBe(503);
  });

  test.each<[string, Forwarded]>([
    ['another secret', { secret: webhookSecret }],
    ['a stale timestamp', { at: new Date(Date.now() - 400_000) }],
    ['a timestamp to come', { at: new Date(Date.now() + 400_000) }],
  ])('%s is 401 and no call to Holdfast', async (_what, changes) => {
    const { playground, received } = await connected();
    expect((await forwarded(playground.url, changes)).status).toBe(401);
    expect(received.some(({ path }) => path.endsWith('/token'))).toBe(false);
  });

  test('an integration that it never made is 404', async () => {
    const playground = await play();
    expect((await forwarded(playground.url)).status).toBe(404);
  });
});

describe('the page', () => {
  const form = { name: 'contacts' };

  test('a new connection leads to the link that Holdfast gave, with the way back where it may', async () => {
    for (const refusesReturnTo of [false, true]) {
      const holdfast = await holdfastLike(refusal(503, 'internal'), refusesReturnTo);
      const { url } = await play({ holdfastUrl: holdfast.origin });
      const { status, headers } = await post(`${url}/connect`, form, { origin: url });
      expect(status).toBe(303);
      expect(headers.get('location')).toBe(`${holdfast.origin}/s/code`);
      const asked = holdfast.received.at(-1)?.body.toString();
      expect(JSON.parse(asked ?? '')).toEqual({
        ...{ userId: 'playground', integrationId: 'int_1' },
        ...(refusesReturnTo ? {} : { returnTo: url }),
      });
    }
  });

  test('says so where Holdfast does not answer, and shows what there is', async () => {
    const { playground } = await connected();
    await closeServers();
    const page = await ask(`${playground.url}/`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Holdfast does not answer');
    const { status } = await post(`${playground.url}/connect`, form, { origin: playground.url });
    expect(status).toBe(502);
  });

  test('has nothing inline and nothing from elsewhere, and shows no secret', async () => {
    const { playground } = await connected();
    const page = await ask(`${playground.url}/`);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(page.text).not.toMatch(/<style|<script>|\son[a-z]+=|style="|https?:/);
    expect(page.text).not.toContain('whsec_');
    for (const file of ['style.css', 'live.js']) {
      expect((await ask(`${playground.url}/${file}`)).status).toBe(200);
    }
  });

  test('what Holdfast has forgotten is forgotten', async () => {
    const { playground } = await connected();
    await ask(`${playground.url}/live`);
    await expect(playground.control.sendWebhooks('int_1', 1)).rejects.toThrow('no integration');
  });

  test('another website’s form does nothing, nor does a page under another name', async () => {
    const { playground, received } = await connected();
    const { url } = playground;
    for (const path of ['connect', 'reconnect', 'send', 'revoke']) {
      const before = received.length;
      const answer = await post(`${url}/${path}`, form, { origin: 'http://evil.example' });
      expect(answer.status).toBe(403);
      expect(received).toHaveLength(before);
    }
    const status = await new Promise((resolve) => {
      get(url, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(status).toBe(421);
  });
});

describe('the control', () => {
  const call = (url: string, path: string, body: object, key = apiKey) =>
    ask(`${url}/control/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    });

  test('wants the API key, and answers bad input with its 4xx', async () => {
    const { playground } = await connected();
    const { url } = playground;
    expect((await call(url, 'send', {}, 'wrong')).status).toBe(401);
    expect((await ask(`${url}/control/counts`)).status).toBe(401);
    expect((await call(url, 'send', { integrationId: 'int_1', count: 0 })).status).toBe(400);
    expect((await call(url, 'send', { integrationId: 'int_9', count: 1 })).status).toBe(404);
  });

  test('does over HTTP what it does in the process', async () => {
    const { playground } = await connected();
    const { url } = playground;
    const sent = await call(url, 'send', { integrationId: 'int_1', count: 2 });
    expect(sent.json).toMatchObject({ sent: [{ number: 1 }, { number: 2 }] });
    expect((await call(url, 'revoke', { account: 'ada' })).json).toEqual({ revoked: 0 });
    expect((await call(url, 'reconnect', { integrationId: 'int_1' })).json).toHaveProperty('url');
  });
});
