import type { Arrival } from '../playground/application';
import type { Counts } from '../playground/counts';
import type { Sent } from '../playground/sender';

/** The playground's control, over HTTP. */
export interface PlaygroundClient {
  connect(userId: string, name: string): Promise<{ integrationId: string; url: string }>;
  reconnect(integrationId: string): Promise<{ url: string }>;
  revoke(account: string): Promise<{ revoked: number }>;
  send(integrationId: string, count: number): Promise<{ sent: Sent[] }>;
  received(integrationId: string): Promise<{ received: Arrival[] }>;
  counts(): Promise<Counts>;
}

const timeoutMs = 60_000;

/** Every call throws an Error where the playground doesn't answer, or answers with an error. */
export function createPlaygroundClient(url: string, apiKey: string): PlaygroundClient {
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}/control/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    throw new Error(`The playground answered ${response.status}: ${JSON.stringify(answer)}`);
  };
  // It is the same build on both sides: its word is taken for the shapes.
  return {
    connect: (userId, name) =>
      ask('connect', { userId, name }) as ReturnType<PlaygroundClient['connect']>,
    reconnect: (integrationId) =>
      ask('reconnect', { integrationId }) as ReturnType<PlaygroundClient['reconnect']>,
    revoke: (account) => ask('revoke', { account }) as ReturnType<PlaygroundClient['revoke']>,
    send: (integrationId, count) =>
      ask('send', { integrationId, count }) as ReturnType<PlaygroundClient['send']>,
    received: (integrationId) =>
      ask(`received?integrationId=${integrationId}`) as ReturnType<PlaygroundClient['received']>,
    counts: () => ask('counts') as ReturnType<PlaygroundClient['counts']>,
  };
}
