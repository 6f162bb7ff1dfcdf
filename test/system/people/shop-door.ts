import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An address of the application, held from the start: another process can't take its port before the shop is there. */
export interface ShopDoor {
  port: number;
  /** What is asked here goes to the shop at that port; its answers have those headers in place of its own. */
  leadTo(shopPort: number, headers?: Record<string, string>): void;
  close(): Promise<void>;
}

export async function openDoor(): Promise<ShopDoor> {
  let shop: { port: number; headers: Record<string, string> } | undefined;
  const server = createServer(({ method, url, headers }, answer) => {
    if (shop === undefined) {
      answer.writeHead(503).end();
      return;
    }
    const own = shop.headers;
    request({ host: '127.0.0.1', port: shop.port, method, path: url, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, { ...given.headers, ...own });
      given.pipe(answer);
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port, headers = {}) => {
      shop = { port, headers };
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
