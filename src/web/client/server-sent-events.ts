/** One event of a stream. */
export interface ServerSentEvent {
  /** `message` where the sender named none. */
  type: string;
  data: string;
}

export interface EventParser {
  /** Takes the next part of the stream, cut anywhere. @returns the events that it completed */
  push(bytes: Uint8Array): ServerSentEvent[];
  /** How long the sender wants to be left alone after an end, in ms; null where it didn't say. */
  retryMs(): number | null;
}

/** More than any event has: a sender that never ends a line must not fill the memory. */
const maxCharacters = 4 * 1024 * 1024;

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) out of bytes. `id` is not kept: every event here is a whole state.
 *
 * @throws RangeError on an event that is too long
 */
export function createEventParser(): EventParser {
  // Keeps the half of a character that a chunk ended in, and drops a byte order mark.
  const decoder = new TextDecoder();
  let line = '';
  let afterReturn = false;
  let type = '';
  let data: string[] = [];
  let dataLength = 0;
  let retry: number | null = null;

  const field = (name: string, value: string) => {
    if (name === 'event') type = value;
    else if (name === 'data') {
      data.push(value);
      dataLength += value.length;
    } else if (name === 'retry' && /^\d{1,9}$/.test(value)) retry = Number(value);
  };
  const endOfLine = (): ServerSentEvent | null => {
    const whole = line;
    line = '';
    if (whole !== '') {
      const colon = whole.indexOf(':');
      if (colon === -1) field(whole, '');
      else if (colon > 0) field(whole.slice(0, colon), whole.slice(colon + 1).replace(/^ /, ''));
      return null;
    }
    const event = data.length === 0 ? null : { type: type || 'message', data: data.join('\n') };
    type = '';
    data = [];
    dataLength = 0;
    return event;
  };

  return {
    push: (bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      const events: ServerSentEvent[] = [];
      // A line ends with CR, LF or both; the two may come in different parts.
      const ends = /\r\n|\r|\n/g;
      let from = 0;
      if (afterReturn && text.startsWith('\n')) from = ends.lastIndex = 1;
      if (text !== '') afterReturn = text.endsWith('\r');
      for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
        line += text.slice(from, end.index);
        from = ends.lastIndex;
        const event = endOfLine();
        if (event !== null) events.push(event);
      }
      line += text.slice(from);
      if (line.length + dataLength > maxCharacters) throw new RangeError('an event is too long');
      return events;
    },
    retryMs: () => retry,
  };
}
