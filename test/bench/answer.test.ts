import { readAnswer } from '../../bench/load/answer';

const whole = 'HTTP/1.1 202 Accepted\r\ncontent-length: 4\r\n\r\nbody';

test('an answer is read once all of it has arrived', () => {
  for (let length = 0; length < whole.length; length++) {
    expect(readAnswer(whole.slice(0, length))).toBeNull();
  }
  expect(readAnswer(whole)).toEqual({ status: 202, body: 'body' });
});

test('a header is found however it is written, and not in the body', () => {
  expect(readAnswer('HTTP/1.1 503 No\r\nContent-Length: 18\r\n\r\ncontent-length: 99')).toEqual({
    status: 503,
    body: 'content-length: 99',
  });
});

test.each([
  ['more bytes than it has', `${whole}!`],
  ['no length', 'HTTP/1.1 202 Accepted\r\n\r\n'],
  ['no status line', 'junk\r\ncontent-length: 0\r\n\r\n'],
])('an answer with %s is an error', (_what, text) => {
  expect(() => readAnswer(text)).toThrow();
});
