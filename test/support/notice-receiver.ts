import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { noteSecret } from './recorder/record';

export interface Notice {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

interface NoticeAttempt {
  /** The header `webhook-id`. */
  id: string;
  notice: Notice;
  /** By the reference implementation of Standard Webhooks. */
  verified: boolean;
  taken: boolean;
}

/** The application's receiver of notices. */
export interface NoticeReceiver {
  config: { notifyUrl: string; notifySecret: string };
  attempts: NoticeAttempt[];
  /** Those that were taken. */
  readonly notices: Notice[];
  refuse(refusing: boolean): void;
  close(): Promise<void>;
}

export async function startNoticeReceiver(): Promise<NoticeReceiver> {
  const notifySecret = `whsec_${randomBytes(32).toString('base64')}`;
  noteSecret('notify secret', notifySecret);
  const verifier = new Webhook(notifySecret);
  const attempts: NoticeAttempt[] = [];
  let refusing = false;
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      attempts.push({
        id: String(request.headers['webhook-id']),
        notice: JSON.parse(body) as Notice,
        verified: verifies(verifier, body, request.headers),
        taken: !refusing,
      });
      answer.writeHead(refusing ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    config: { notifyUrl: `http://127.0.0.1:${port}/notices`, notifySecret },
    attempts,
    get notices() {
      return attempts.filter(({ taken }) => taken).map(({ notice }) => notice);
    },
    refuse: (next) => {
      refusing = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function verifies(
  verifier: Webhook,
  body: string,
  headers: NodeJS.Dict<string | string[]>,
): boolean {
  try {
    verifier.verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
