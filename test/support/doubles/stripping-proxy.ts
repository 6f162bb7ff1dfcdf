import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { markProxy } from '../recorder/server-roles';
import { passOn } from './pass-on';

export interface StrippingProxy {
  url: string;
  /** What was asked for outside of the path: another program's. */
  outside: string[];
  close(): Promise<void>;
}

/** Passes on what is asked for under a path, without it, as a host's proxy does for one of several programs. */
export async function startStrippingProxy(target: string, base: string): Promise<StrippingProxy> {
  const outside: string[] = [];
  const server = createServer((asked, answer) => {
    const { url = '/' } = asked;
    if (!url.startsWith(`${base}/`)) {
      if (url !== '/favicon.ico') outside.push(url);
      answer.writeHead(404).end();
      return;
    }
    passOn(asked, answer, target + url.slice(base.length));
  });
  markProxy(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    outside,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
