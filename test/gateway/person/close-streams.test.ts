import { type EventReader, readEvents } from '../../support/event-reader';
import { apiKey, gatewayFixture } from '../gateway-fixture';

test('a gateway that closes ends its streams and waits for nobody', async () => {
  const gateway = await gatewayFixture();
  try {
    const url = await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: `Bearer ${apiKey}` };
    const readers: EventReader[] = [];
    for (let count = 0; count < 10; count++) {
      readers.push(await readEvents(`${url}/api/users/user-${count}/events`, headers));
    }
    readers[3]?.pause();
    const began = Date.now();
    await gateway.app.close();
    expect(Date.now() - began).toBeLessThan(2_000);
    readers[3]?.resume();
    for (const reader of readers) {
      // To its end, and not cut off.
      expect(await reader.ended).toBe(true);
      expect(reader.text()).toMatch(/\nretry: \d+\n\n$/);
      reader.close();
    }
  } finally {
    await gateway.close();
  }
});
