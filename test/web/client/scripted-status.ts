import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { follow, type Follower } from '../../../src/web/client/follow-status';
import type { Patience } from '../../../src/web/client/status-limits';
import type { PersonStatus } from '../../../src/web/client/person-status';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A gateway that answers as a test tells it to, and somebody who follows it. */
export interface ScriptedStatus {
  /** How the stream and the status answer from now on. */
  behave(answers: { stream?: Answer; status?: Answer }): void;
  /** What the follower was told, in order: how many connections, or why it doesn't know. */
  told: string[];
  /** Paths that were asked for, in order. */
  asked: string[];
  requests: IncomingMessage[];
  follower: Follower;
  setToken(token: string | null): void;
  close(): Promise<void>;
}

/** Shorter than what a page waits; whatever must not happen in a test takes a minute. */
const quick: Patience = {
  grace: 700,
  firstEvent: 300,
  answer: 1_000,
  silence: 60_000,
  poll: 40,
  streamAgain: 60_000,
  refused: 60_000,
};

export const statusOf = (pending: number, userId = 'ada'): PersonStatus => ({
  userId,
  connectors: {
    contacts: {
      status: 'connected',
      errorCode: null,
      lastSuccessAt: null,
      lastFailureAt: null,
      pending,
      reconnectUrl: null,
    },
  },
  anyNeedsReauth: false,
  hold: null,
});

export const eventOf = (pending: number) =>
  `event: status\ndata: ${JSON.stringify(statusOf(pending))}\n\n`;

export const open = (response: ServerResponse, text = '') =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`:\n\n${text}`);

export const refuse = (status: number): Answer => {
  return (response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{}}');
};

export const answerStatus = (response: ServerResponse, pending: number) =>
  void response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify(statusOf(pending)));

export async function followScripted(
  first: Parameters<ScriptedStatus['behave']>[0],
  limits: Partial<Patience> = {},
): Promise<ScriptedStatus> {
  let answers = { stream: refuse(503), status: refuse(503), ...first };
  let token: string | null = 'token-1';
  const told: string[] = [];
  const asked: string[] = [];
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const isStream = request.url?.endsWith('/events') === true;
    asked.push(isStream ? 'stream' : 'status');
    requests.push(request);
    (isStream ? answers.stream : answers.status)(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const follower = follow(
    {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      userId: 'ada',
      token: () => token,
      onStatus: ({ connectors }) => told.push(String(connectors['contacts']?.pending)),
      onUnknown: (why) => told.push(why),
      onTokenExpired: () => told.push('expired'),
    },
    { ...quick, ...limits },
  );
  return {
    behave: (next) => {
      answers = { ...answers, ...next };
    },
    told,
    asked,
    requests,
    follower,
    setToken: (next) => {
      token = next;
    },
    close: () => {
      follower.stop();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
