import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogEntry } from './judge';

/** The destination of all webhooks, and the provider that renews their integrations' tokens. */
export interface Application {
  destinationUrl: string;
  tokenUrl: string;
  /** Each request to the destination, in the order in which they came. */
  received: LogEntry[];
  /** How many tokens were renewed. */
  refreshes(): number;
  close(): Promise<void>;
}

/** Seconds: every token is renewed several times in a run, also while something is away. */
const tokenSeconds = 90;

/** On loopback. Its refresh tokens stay the same: what a fault cuts off in the middle of a refresh may be asked again. */
export async function startApplication(): Promise<Application> {
  const received: LogEntry[] = [];
  let refreshes = 0;
  const server = createServer((request, answer) => {
    request.resume().on('end', () => {
      if (request.url === '/token') {
        refreshes++;
        const token = { access_token: `access-${refreshes}`, token_type: 'bearer' };
        answer
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ ...token, expires_in: tokenSeconds }));
        return;
      }
      const { headers } = request;
      received.push({
        integrationId: String(headers['holdfast-integration']),
        deliveryId: String(headers['webhook-id']),
        at: Date.now(),
      });
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    destinationUrl: `${url}/hook`,
    tokenUrl: `${url}/token`,
    received,
    refreshes: () => refreshes,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
