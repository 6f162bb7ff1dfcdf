import { randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { noteSecret } from '../recorder/record';

export interface Notice {
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

export interface NoticeAttempt {
  /** The header `webhook-id`. */
  id: string;
  notice: Notice;
  /** By the reference implementation of Standard Webhooks. */
  verified: boolean;
  readonly taken: boolean;
}

/** The application's receiver of notices. */
export interface NoticeReceiver {
  config: { notifyUrl: string; notifySecret: string };
  attempts: NoticeAttempt[];
  /** Those that were taken. */
  readonly notices: Notice[];
  refuse(refusing: boolean): void;
  /** Answers in place of the receiver; what comes of it counts as taken where the status is 2xx. */
  answer(how: ((answer: ServerResponse, attempt: NoticeAttempt) => void) | undefined): void;
  close(): Promise<void>;
}

export async function startNoticeReceiver(): Promise<NoticeReceiver> {
  const notifySecret = `whsec_${randomBytes(32).toString('base64')}`;
  noteSecret('notify secret', notifySecret);
  const verifier = new Webhook(notifySecret);
  const attempts: NoticeAttempt[] = [];
  let refusing = false;
  let how: ((answer: ServerResponse, attempt: NoticeAttempt) => void) | undefined;
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const attempt: NoticeAttempt = {
        id: String(request.headers['webhook-id']),
        notice: JSON.parse(body) as Notice,
        verified: verifies(verifier, body, request.headers),
        get taken() {
          return answer.headersSent && answer.statusCode < 300;
        },
      };
      attempts.push(attempt);
      if (how === undefined) answer.writeHead(refusing ? 503 : 204).end();
      else how(answer, attempt);
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
    answer: (next) => {
      how = next;
    },
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
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
