import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { passOn } from '../../support/doubles/pass-on';

/** An address of the application, held from the start: another process can't take its port before the shop is there. */
export interface ShopDoor {
  port: number;
  /** What is asked here goes to the shop at that port; its answers have those headers in place of its own. */
  leadTo(shopPort: number, headers?: Record<string, string>): void;
  close(): Promise<void>;
}

export async function openDoor(): Promise<ShopDoor> {
  let shop: { url: string; headers: Record<string, string> } | undefined;
  const server = createServer((asked, answer) => {
    if (shop === undefined) answer.writeHead(503).end();
    else passOn(asked, answer, shop.url + (asked.url ?? '/'), shop.headers);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port, headers = {}) => {
      shop = { url: `http://127.0.0.1:${port}`, headers };
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
