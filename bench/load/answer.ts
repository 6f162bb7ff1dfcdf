const headEnd = '\r\n\r\n';
const lengthHeader = 'content-length: ';

export interface Answer {
  status: number;
  body: string;
}

/**
 * Reads one answer with `Content-Length`, as all the measured servers send it.
 * @param text what has arrived so far
 * @returns null where it isn't whole yet
 * @throws Error where it is no such answer
 */
export function readAnswer(text: string): Answer | null {
  const end = text.indexOf(headEnd);
  if (end === -1) return null;
  if (!text.startsWith('HTTP/1.1 ')) throw new Error(`not an answer: ${text.slice(0, 40)}`);
  let at = text.indexOf(lengthHeader);
  if (at === -1 || at > end) at = text.slice(0, end).toLowerCase().indexOf(lengthHeader);
  if (at === -1) throw new Error(`an answer without Content-Length: ${text.slice(0, 40)}`);
  const from = at + lengthHeader.length;
  const length = Number(text.slice(from, text.indexOf('\r\n', from)));
  const bodyAt = end + headEnd.length;
  if (text.length < bodyAt + length) return null;
  if (text.length > bodyAt + length) throw new Error('more bytes than one answer has');
  return { status: Number(text.slice(9, 12)), body: text.slice(bodyAt) };
}
