import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';

let gateway: GatewayFixture;
let port: number;
let integration: Body;
beforeAll(async () => {
  gateway = await gatewayFixture();
  port = Number(new URL(await gateway.app.listen({ host: '127.0.0.1', port: 0 })).port);
  integration = await gateway.create({ provider: 'hooks', credentials: undefined });
});
afterAll(() => gateway.close());

let sent = 0;

/** Sends a signed webhook with these header lines, byte for byte. */
async function send(body: string, ...lines: string[]) {
  const delivery = `delivery-${++sent}`;
  const signature = createHmac('sha256', integration.webhookSecret).update(body).digest('hex');
  const socket = connect(port, '127.0.0.1');
  socket.write(
    [
      `POST /webhooks/${integration.id} HTTP/1.1`,
      ...['host: x', 'connection: close', `content-length: ${Buffer.byteLength(body)}`],
      ...[`x-github-delivery: ${delivery}`, `x-hub-signature-256: sha256=${signature}`],
      ...[...lines, '', body],
    ].join('\r\n'),
  );
  const answer = await text(socket);
  const { rows } = await gateway.pool.query<{ headers: string; body: Buffer }>(
    'SELECT headers, body FROM deliveries WHERE dedupe_key = $1',
    [delivery],
  );
  const [row] = rows;
  return {
    status: answer.slice(0, 12),
    stored: row?.body.toString(),
    types: (JSON.parse(row?.headers ?? '[]') as [string, string][])
      .filter(([name]) => name.toLowerCase() === 'content-type')
      .map(([, value]) => value),
  };
}

test.each([
  ['none', []],
  ['an empty one', ['']],
  ['one without a slash', ['json']],
  ['two in one header', ['application/json, application/json']],
  ['two headers', ['application/json', 'text/plain']],
  ['JSON', ['application/json']],
  ['a form', ['application/x-www-form-urlencoded']],
  ['junk', [';"; charset=']],
])('a webhook is taken with any content type: %s', async (what, types) => {
  const body = `{"what":"${what}"`;
  const answer = await send(body, ...types.map((type) => `Content-Type: ${type}`));
  expect(answer).toEqual({ status: 'HTTP/1.1 202', stored: body, types: types });
});

test('a webhook without a body is taken too, whatever type it says that it has', async () => {
  const taken = { status: 'HTTP/1.1 202', stored: '' };
  expect(await send('')).toEqual({ ...taken, types: [] });
  expect(await send('', 'Content-Type: json')).toEqual({ ...taken, types: ['json'] });
});
