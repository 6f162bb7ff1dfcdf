import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { markProvider } from '../recorder/server-roles';

/** A provider's revocation endpoint (RFC 7009) on loopback: counts what it is shown, and answers as it is told to. */
export interface RevocationEndpoint {
  url: string;
  /** Every token that was shown, with its hint, in order. */
  shown: { token: string; hint: string }[];
  /** Default: 200. Undefined for that again. */
  answer(reply: ((answer: ServerResponse, hint: string) => void) | undefined): void;
  close(): Promise<void>;
}

export async function startRevocationEndpoint(): Promise<RevocationEndpoint> {
  const shown: RevocationEndpoint['shown'] = [];
  const well = (answer: ServerResponse): void => {
    answer.writeHead(200).end();
  };
  let reply: (answer: ServerResponse, hint: string) => void = well;
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const hint = form.get('token_type_hint') ?? '';
      shown.push({ token: form.get('token') ?? '', hint });
      reply(answer, hint);
    });
  });
  markProvider(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoke`,
    shown,
    answer: (next) => {
      reply = next ?? well;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
