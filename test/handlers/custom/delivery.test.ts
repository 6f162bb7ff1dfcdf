import { PermanentError } from '../../../src/lib/errors';
import { createDelivery } from '../../../src/handlers/custom/delivery';
import { delivery } from '../deliveries';

test('headers are found by their lower-case name; repeated ones are joined', () => {
  const headers = [
    ['X-A', '1'],
    ['x-b', '2'],
    ['x-a', '3'],
    ['__proto__', '4'],
  ] as const;
  const created = createDelivery(delivery({ headers }));
  expect(Object.entries(created.headers)).toEqual([
    ['x-a', '1, 3'],
    ['x-b', '2'],
    ['__proto__', '4'],
  ]);
});

test('json() reads the body; where it is no JSON the error does not quote it', () => {
  const { id } = createDelivery(delivery()).json<{ id: number }>();
  expect(id).toBe(7);
  const broken = createDelivery(delivery({ body: Buffer.from('s3cret{') }));
  expect(() => broken.json<unknown>()).toThrow(new PermanentError('The body is not JSON'));
  const empty = createDelivery(delivery({ body: Buffer.alloc(0) }));
  expect(() => empty.json<unknown>()).toThrow(new PermanentError('The body is empty, not JSON'));
});
