import { createDoorbell } from '../../src/gateway/doorbell';
import { createLog } from '../../src/log';
import { createActors } from '../../src/temporal/actors';
import { createTemporal } from '../../src/temporal/client';

test('S19 with Temporal away the first lost signal is a line, and all that follow are one more, with their count', async () => {
  const temporal = createTemporal({ address: '127.0.0.1:1' });
  try {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => lines.push(line) });
    const doorbell = createDoorbell(createActors(temporal.client), log);
    for (let number = 0; number < 40; number++) doorbell.ring(`int_${number}`, 'dlv_1');
    await doorbell.close();
    const logged = lines.map((line) => JSON.parse(line) as object);
    const line = { level: 'warn', msg: 'actors could not be signalled' };
    expect(logged).toMatchObject([
      { ...line, count: 1, integrationId: expect.stringMatching(/^int_/) as unknown },
      { ...line, count: 39, err: expect.any(String) as unknown },
    ]);
  } finally {
    await temporal.close();
  }
});
