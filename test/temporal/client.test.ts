import { createActors } from '../../src/temporal/actors';
import { createTemporal } from '../../src/temporal/client';
import { freePort } from '../support/processes/free-port';

test('a client that is closed while Temporal is away, and a message is being tried again, crashes nobody', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const temporal = createTemporal({ address });
  const message = createActors(temporal.client).lookAtIntegration('int_1', 'due');
  const outcome = expect(message).rejects.toMatchObject({ code: 'temporal_unavailable' });
  // Any moment between two tries.
  await new Promise((resolve) => setTimeout(resolve, 700));
  const started = Date.now();
  await temporal.close();
  expect(Date.now() - started).toBeLessThan(6_500);
  await outcome;
});
