import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openBurst } from '../../bench/load/burst';
import { createSignedRequests } from '../../bench/load/signed-requests';
import { measure } from '../../bench/measure';
import type { System } from '../../bench/systems';

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const target = { id: 'int_1', url: 'http://127.0.0.1:1/webhooks/int_1', secret };

test('fewer rows than answers end the run', async () => {
  const table = { count: () => Promise.resolve(4), empty: () => Promise.resolve() };
  const system: System = { letter: 'C', name: '', target, outcome: '', pid: process.pid, table };
  const result = { accepted: 3, rate: 1, p50Ms: 1, p99Ms: 1, generatorLoad: 0 };
  const load = {
    ...{ pid: process.pid, stop: () => Promise.resolve() },
    ask: () => Promise.resolve(result),
  };
  const series = { systems: [system], postgresPid: process.pid, load, rounds: 1, seconds: 1 };
  await expect(measure({ ...series, connections: [1] }, () => undefined)).rejects.toThrow(
    'C answered 202 6 times and stored 4 rows.',
  );
});

describe('a wrong answer ends the run', () => {
  test.each([
    ['another status', 200, 'accepted', '"outcome":"accepted"'],
    ['another outcome', 202, 'parked', '"outcome":"parked"'],
  ])('%s', async (_what, status, outcome, shown) => {
    let count = 0;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        const isLast = ++count === 5;
        const body = JSON.stringify({ outcome: isLast ? outcome : 'accepted' });
        response.writeHead(isLast ? status : 202, { 'content-length': body.length }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/x`);
    const requests = createSignedRequests(url, secret);
    requests.sign(10);
    const burst = await openBurst(url, { requests, connections: 2, outcome: 'accepted' });
    await expect(burst.run(10)).rejects.toThrow(shown);
    burst.close();
    server.close();
    expect(requests.left()).toBeGreaterThan(2);
  });
});
