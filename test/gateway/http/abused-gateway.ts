import { eventually } from '../../support/eventually';
import { sendWebhook } from '../../support/scenes/scene';
import { type Body, type GatewayFixture, gatewayFixture } from '../gateway-fixture';
import { head, type RawSender, rawSender } from './raw-sender';

/** A gateway that listens, for whoever means it ill. */
export interface AbusedGateway extends GatewayFixture {
  url: string;
  port: number;
  integration: Body;
  /** The head of a webhook for it. */
  post: (...headers: string[]) => string;
  sent: (bytes: string | Buffer) => Promise<RawSender>;
  /** What comes back until the gateway ends the connection. */
  answerTo: (bytes: string | Buffer) => Promise<string>;
}

export async function abusedGateway(): Promise<AbusedGateway> {
  const gateway = await gatewayFixture();
  const integration = await gateway.create();
  const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
  const port = Number(new URL(url).port);
  const sent = async (bytes: string | Buffer) => {
    const sender = await rawSender(port);
    sender.socket.write(bytes);
    return sender;
  };
  return {
    ...gateway,
    ...{ url, port, integration, sent },
    post: (...headers) => head(`POST /webhooks/${integration.id}`, ...headers),
    answerTo: async (bytes) => {
      const sender = await sent(bytes);
      await sender.closed;
      return sender.answer();
    },
  };
}

/** Whatever was done to it: a good webhook is taken at once, no connection is left, and nothing failed. */
export async function expectUnharmed({ app, url, integration, logged }: AbusedGateway) {
  await eventually(async () => {
    const started = performance.now();
    expect(await sendWebhook(url, integration)).toMatchObject({ status: 202, outcome: 'accepted' });
    expect(performance.now() - started).toBeLessThan(1000);
  });
  app.server.closeIdleConnections();
  const connections = () =>
    new Promise<number>((resolve, reject) => {
      app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  await eventually(async () => expect(await connections()).toBe(0), { timeoutMs: 20_000 });
  for (const line of logged.splice(0)) expect(JSON.parse(line)).not.toHaveProperty('err');
}

export function expectError(answer: string, status: number, code: string): void {
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ error: { code } });
}
