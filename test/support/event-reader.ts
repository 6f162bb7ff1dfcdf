import { Agent, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { eventually } from './eventually';

interface ServerSentEvent {
  id: string | undefined;
  event: string | undefined;
  data: string;
}

/** A stream of server-sent events, read as it comes. */
export interface EventReader {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  /** All that came. */
  text(): string;
  events(): ServerSentEvent[];
  /** What the newest event says, once that passes. */
  until<T>(check: (data: T) => void, timeoutMs?: number): Promise<T>;
  /** Settles once the server has ended the stream; false where it was cut off. */
  readonly ended: Promise<boolean>;
  /** Stops reading, or goes on. */
  pause(): void;
  resume(): void;
  close(): void;
}

export async function readEvents(
  url: string,
  headers: Record<string, string>,
): Promise<EventReader> {
  // A connection of its own, which the client would keep.
  const agent = new Agent({ keepAlive: true });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers }, resolve).on('error', reject);
  });
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('error', () => undefined);
  const ended = new Promise<boolean>((resolve) => {
    response.once('close', () => resolve(response.complete));
  });
  const events = () =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map(eventIn)
      .filter(({ data }) => data !== '');
  return {
    status: response.statusCode,
    headers: response.headers,
    text: () => text,
    events,
    until: <T>(check: (data: T) => void, timeoutMs = 10_000) =>
      eventually(
        () => {
          const data = JSON.parse(events().at(-1)?.data ?? 'null') as T;
          check(data);
          return data;
        },
        { timeoutMs },
      ),
    ended,
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => {
      response.destroy();
      agent.destroy();
    },
  };
}

function eventIn(block: string): ServerSentEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
  );
  return { id: fields.get('id'), event: fields.get('event'), data: fields.get('data') ?? '' };
}
