import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createEventStream, type EventStream } from '../../src/live/event-stream';
import { eventually } from '../support/eventually';
import { type EventReader, readEvents } from '../support/event-reader';

let server: Server;
let reader: EventReader;
let response: ServerResponse;
let stream: EventStream;
beforeEach(async () => {
  server = createServer((_request, answer) => {
    response = answer;
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    stream = createEventStream(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  reader = await readEvents(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {});
});
afterEach(() => {
  reader.close();
  server.close();
  server.closeAllConnections();
});

const event = (number: number, size = 0) =>
  Buffer.from(`event: status\ndata: {"number":${number},"fill":"${'x'.repeat(size)}"}\n\n`);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a reader that does not read holds no more than the newest event, and gets that in the end', async () => {
  reader.pause();
  const count = 3_000;
  for (let number = 1; number <= count; number++) {
    stream.send(event(number, 10_000));
    if (number % 10 === 0) await turn();
  }
  expect(response.writableLength).toBeLessThan(100_000);
  reader.resume();
  await reader.until<{ number: number }>(({ number }) => expect(number).toBe(count));
  // Most were never sent; those that were came in order, whole.
  const numbers = reader
    .events()
    .map(({ data }) => (JSON.parse(data) as { number: number }).number);
  expect(numbers.length).toBeLessThan(count / 2);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  stream.beat();
  await eventually(() => expect(reader.text()).toMatch(/\n\n:\n\n$/));
});

async function fill(): Promise<void> {
  reader.pause();
  for (let number = 1; number <= 3_000; number++) {
    stream.send(event(number, 10_000));
    if (number % 10 === 0) await turn();
  }
}

test('one that has not read for three heartbeats is given up', async () => {
  await fill();
  for (let beats = 0; beats < 2; beats++) stream.beat();
  expect(response.destroyed).toBe(false);
  stream.beat();
  expect(response.destroyed).toBe(true);
});

test('an end comes with the time to come back, unless nobody reads', async () => {
  stream.send(event(1));
  stream.end(1_234.5);
  expect(await reader.ended).toBe(true);
  expect(reader.text()).toMatch(/retry: 1235\n\n$/);
});

test('an end does not wait for a reader that does not read', async () => {
  await fill();
  stream.end();
  expect(response.destroyed).toBe(true);
});
