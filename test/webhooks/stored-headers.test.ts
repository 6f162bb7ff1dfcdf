import { keptHeaders, parseKeptHeaders } from '../../src/webhooks/stored-headers';

test('headers are kept as received: order, capitals and repeats', () => {
  const raw = ['X-B', '1', 'x-a', '2', 'X-B', '3', 'Content-Type', 'application/json'];
  expect(parseKeptHeaders(keptHeaders(raw))).toEqual([
    ['X-B', '1'],
    ['x-a', '2'],
    ['X-B', '3'],
    ['Content-Type', 'application/json'],
  ]);
});

test('S40 nobody’s credentials are kept, nor what belongs to the connection', () => {
  const raw = [
    ...[
      'Authorization',
      'Bearer s3cret',
      'COOKIE',
      'sid=s3cret',
      'Proxy-Authorization',
      'Basic s3cret',
    ],
    ...['Connection', 'close, X-Hop', 'x-hop', '1', 'Keep-Alive', 'timeout=5', 'TE', 'trailers'],
    ...[
      'Transfer-Encoding',
      'chunked',
      'Upgrade',
      'h2c',
      'Expect',
      '100-continue',
      'x-kept',
      'yes',
    ],
  ];
  expect(keptHeaders(raw)).toBe('[["x-kept","yes"]]');
});

test('bytes beyond ASCII come back as they were', () => {
  const value = Buffer.from('Zoë', 'utf8').toString('latin1');
  expect(parseKeptHeaders(keptHeaders(['x-name', value]))).toEqual([['x-name', value]]);
});
