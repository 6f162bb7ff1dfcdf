import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { parseConfig } from '../../src/config';
import { startGateway } from '../../src/gateway/main';
import { createLog } from '../../src/lib/log';
import { freePort } from '../support/processes/free-port';

const options = { configuration: {}, log: createLog('silent') };

/** Neither Postgres nor Temporal is at these addresses. */
const settings = async (port: number) =>
  parseConfig({
    PORT: String(port),
    DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
    TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    HOLDFAST_API_KEYS: 'x'.repeat(32),
    HOLDFAST_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  });

test('S19 it starts while Postgres and Temporal are away, says so, and closes', async () => {
  const port = await freePort();
  const gateway = await startGateway(await settings(port), options);
  try {
    expect(gateway.url).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.headers.get('retry-after')).toBe('2');
  } finally {
    await gateway.close();
  }
  await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow('fetch failed');
});

test('a port that is taken is an error that says so, and leaves nothing open', async () => {
  const port = await freePort();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  try {
    await expect(startGateway(await settings(port), options)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  } finally {
    await new Promise((resolve) => other.close(resolve));
  }
});
