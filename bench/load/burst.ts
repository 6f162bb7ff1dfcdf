import type { Answer } from './answer';
import { openConnection, type Connection } from './connection';
import type { SignedRequests } from './signed-requests';

/** Connections that all send one webhook after the other. */
export interface Burst {
  /**
   * Sends until the time is over or no signed request is left.
   * @returns milliseconds that each took, and milliseconds from the first to the last answer
   * @throws Error where an answer isn't the expected one, or a connection is lost
   */
  run(seconds: number): Promise<{ times: Float64Array; tookMs: number }>;
  close(): void;
}

interface Lane {
  connection: Connection;
  request: Buffer;
  sentAt: number;
}

const isFine = ({ status, body }: Answer, expected: string) =>
  status === 202 && body.includes(expected);

export async function openBurst(
  url: URL,
  {
    requests,
    connections,
    outcome,
  }: { requests: SignedRequests; connections: number; outcome: string },
): Promise<Burst> {
  const expected = `"outcome":"${outcome}"`;
  const lanes: Lane[] = [];
  let running = 0;
  let until = 0;
  let times = new Float64Array(0);
  let count = 0;
  let ended: () => void = () => undefined;
  let failed: (error: Error) => void = () => undefined;

  function send(lane: Lane, now: number): void {
    if (now < until && requests.next(lane.request)) {
      lane.sentAt = now;
      lane.connection.send(lane.request);
    } else if (--running === 0) ended();
  }

  function answered(lane: Lane, answer: Answer): void {
    const now = performance.now();
    if (!isFine(answer, expected)) {
      failed(new Error(`${url.href} answered ${answer.status} ${answer.body.slice(0, 200)}`));
      return;
    }
    times[count++] = now - lane.sentAt;
    send(lane, now);
  }

  for (let index = 0; index < connections; index++) {
    const connection = await openConnection(
      url,
      (answer) => {
        const lane = lanes[index];
        if (lane !== undefined) answered(lane, answer);
      },
      (error) => failed(error),
    );
    lanes.push({ connection, request: requests.blank(), sentAt: 0 });
  }

  return {
    run: async (seconds) => {
      times = new Float64Array(requests.left());
      count = 0;
      running = lanes.length;
      const started = performance.now();
      until = started + seconds * 1_000;
      await new Promise<void>((resolve, reject) => {
        [ended, failed] = [resolve, reject];
        for (const lane of lanes) send(lane, performance.now());
      });
      failed = () => undefined;
      return { times: times.subarray(0, count), tookMs: performance.now() - started };
    },
    close: () => {
      failed = () => undefined;
      for (const { connection } of lanes) connection.close();
    },
  };
}
