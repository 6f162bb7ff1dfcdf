import fc from 'fast-check';
import {
  createEventParser,
  type ServerSentEvent,
} from '../../../src/web/client/server-sent-events';

const bytesOf = (text: string) => new TextEncoder().encode(text);

function read(...parts: (string | Uint8Array)[]): ServerSentEvent[] {
  const parser = createEventParser();
  return parts.flatMap((part) => parser.push(typeof part === 'string' ? bytesOf(part) : part));
}

describe('server-sent events', () => {
  it('reads an event with its name', () => {
    expect(read('id: 1\nevent: status\ndata: {"a":1}\n\n')).toEqual([
      { type: 'status', data: '{"a":1}' },
    ]);
  });

  it('is "message" without a name, and the name does not stay for the next', () => {
    expect(read('event: status\ndata: 1\n\ndata: 2\n\n')).toEqual([
      { type: 'status', data: '1' },
      { type: 'message', data: '2' },
    ]);
  });

  it('takes away one space after the colon and no more', () => {
    expect(read('data:a\n\ndata:  b\n\n').map(({ data }) => data)).toEqual(['a', ' b']);
  });

  it('joins several data lines', () => {
    expect(read('data: one\ndata\ndata: two\n\n')).toEqual([
      { type: 'message', data: 'one\n\ntwo' },
    ]);
  });

  it('passes by comments, unknown fields and events without data', () => {
    expect(read(':\n\n: heartbeat\n\nwhatever: 1\nevent: status\n\ndata: 1\n\n')).toEqual([
      { type: 'message', data: '1' },
    ]);
  });

  it.each(['\n', '\r', '\r\n'])('ends lines with %j', (end) => {
    const text = ['event: status', 'data: 1', '', 'data: 2', '', ''].join(end);
    expect(read(text)).toEqual([
      { type: 'status', data: '1' },
      { type: 'message', data: '2' },
    ]);
  });

  it('takes a CR and an LF for one end where they come in different parts', () => {
    expect(read('data: 1\r', '\ndata: 2\r', '\n\r', '\n')).toEqual([
      { type: 'message', data: '1\n2' },
    ]);
    expect(read('data: 1\r', '', '\ndata: 2\n\n')).toEqual([{ type: 'message', data: '1\n2' }]);
  });

  it('leaves out what no empty line ended', () => {
    expect(read('data: 1\n\ndata: 2\n')).toEqual([{ type: 'message', data: '1' }]);
  });

  it('drops a byte order mark', () => {
    expect(read(new Uint8Array([0xef, 0xbb, 0xbf]), 'data: 1\n\n')).toHaveLength(1);
  });

  it('knows how long the sender wants to be left alone, if that is a number', () => {
    const parser = createEventParser();
    expect(parser.retryMs()).toBeNull();
    parser.push(bytesOf('retry: 2500\n'));
    parser.push(bytesOf('retry: soon\nretry: 1e9\nretry:\n'));
    expect(parser.retryMs()).toBe(2500);
  });

  it('refuses an event that never ends', () => {
    const parser = createEventParser();
    const megabyte = new Uint8Array(1024 * 1024).fill(97);
    expect(() => {
      for (let count = 0; count < 6; count++) parser.push(megabyte);
    }).toThrow(RangeError);
  });

  it('does not count heartbeats as one long event', () => {
    const parser = createEventParser();
    const beats = bytesOf(':\n\n'.repeat(100_000));
    for (let count = 0; count < 20; count++) parser.push(beats);
    expect(parser.push(bytesOf('data: 1\n\n'))).toHaveLength(1);
  });

  it('is read the same however it is cut, within a character too', () => {
    const lines = fc.array(
      fc.oneof(
        fc.constantFrom('', ':', ': beat', 'event: status', 'retry: 10', 'data'),
        fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
      ),
    );
    const end = fc.constantFrom('\n', '\r', '\r\n');
    fc.assert(
      fc.property(
        lines,
        end,
        fc.array(fc.nat({ max: 7 }), { minLength: 1 }),
        (list, newline, cuts) => {
          const bytes = bytesOf(list.map((line) => line + newline).join(''));
          const parts: Uint8Array[] = [];
          for (let from = 0, step = 0; from < bytes.length; step++) {
            const to = from + (cuts[step % cuts.length] ?? 0) + (step % 2);
            parts.push(bytes.slice(from, to));
            from = to;
          }
          expect(read(...parts)).toEqual(read(bytes));
        },
      ),
    );
  });
});
