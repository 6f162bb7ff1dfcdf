import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Scene, startScene } from '../../support/scenes/scene';
import { untilState } from './handled-deliveries';

class PermanentError extends Error {
  override name = 'PermanentError';
}

let scene: Scene;
const seen: object[] = [];
beforeAll(async () => {
  scene = await startScene({
    handlers: {
      refuse: ({ name, metadata, parameters }) => {
        seen.push({ name, metadata, parameters });
        return Promise.reject(new PermanentError('contact is gone'));
      },
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- anything can be thrown
      odd: () => Promise.reject({ toString: () => 'never called' }),
    },
  });
}, 60_000);
afterAll(() => scene.close(), 60_000);

describe('S24 what a dead letter shows of its last answer', () => {
  const long = 'é'.repeat(5_000);
  const answers: [string, (answer: ServerResponse) => void, (shown: string | null) => void][] = [
    [
      'the first 2 KB of a long one',
      (answer) => void answer.writeHead(422).end(long),
      (shown) => expect(shown).toBe('é'.repeat(1_024)),
    ],
    [
      'a binary one as text that can be stored',
      (answer) => void answer.writeHead(422).end(Buffer.from([0, 255, 254, 65, 0, 0xd8])),
      (shown) => expect(shown).toContain('A'),
    ],
    [
      'a packed one, unpacked',
      (answer) =>
        void answer.writeHead(422, { 'content-encoding': 'gzip' }).end(gzipSync('no such contact')),
      (shown) => expect(shown).toBe('no such contact'),
    ],
    [
      'what has come of an endless one',
      (answer) => {
        answer.writeHead(422);
        const timer = setInterval(() => answer.write('still '), 100);
        answer.once('close', () => clearInterval(timer));
      },
      (shown) => expect(shown).toMatch(/^still still /),
    ],
    [
      'nothing of one without a body',
      (answer) => void answer.writeHead(422).end(),
      (shown) => expect(shown).toBe(''),
    ],
  ];

  test.each(answers)(
    '%s',
    async (_what, reply, check) => {
      scene.destination.answer((_request, answer) => reply(answer));
      const { id } = await scene.webhook(await scene.connect());
      const { attempts, error } = await untilState(scene, id, 'failed');
      expect(error).toBe('The destination answered 422');
      expect(attempts).toMatchObject([{ number: 1, status: 422, error }]);
      expect(attempts[0]?.durationMs).toBeGreaterThanOrEqual(0);
      check(attempts[0]?.answer ?? null);
    },
    90_000,
  );

  test.each([
    ['refuse', 8, 'contact is gone', /^contact is gone\n {4}at .*dead-letters\.test\.ts/],
    ['odd', 1, 'The handler threw something that is no error', /^The handler threw[^\n]*$/],
  ])(
    'the error of a handler, and where it was thrown: %s',
    async (handler, maxAttempts, message, withFrames) => {
      const handling = { maxAttempts };
      const metadata = { plan: 'gold' };
      const integration = await scene.connect({ fields: { handler, handling, metadata } });
      const { rows } = await scene.system.pool.query<{ name: string }>(
        'UPDATE integrations SET parameters = $2 WHERE id = $1 RETURNING name',
        [integration.id, { tenant: 'north' }],
      );
      const { id } = await scene.webhook(integration);
      const { attempts, error } = await untilState(scene, id, 'failed');
      expect(error).toBe(message);
      expect(attempts).toMatchObject([{ number: 1, status: null, answer: null }]);
      expect(attempts[0]?.error).toMatch(withFrames);
      if (handler !== 'refuse') return;
      expect(seen).toEqual([{ name: rows[0]?.name, metadata, parameters: { tenant: 'north' } }]);
    },
    90_000,
  );
});
