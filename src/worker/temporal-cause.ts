import { messageOf } from '../lib/errors';

const mostCauses = 6;
const longest = 1_000;

/** A text as Rust's `Debug` writes it, within its quotes. */
const quoted = '"((?:[^"\\\\]|\\\\.)*)"';
const status = new RegExp(`^Status \\{ code: (\\w+), message: ${quoted}`);
const messages = new RegExp(`\\bmessage: ${quoted}`, 'g');

/**
 * Why something failed, in one sentence: each error's message and that of its cause, never a stack. Of what Temporal's core writes
 * as text, a structure of Rust's, it is the messages within it: a gRPC status, or the failure of a workflow task with its causes.
 *
 * @param error whatever was thrown, or core's text
 */
export function causeOf(error: unknown): string {
  const said = typeof error === 'string' ? saidByCore(error) : chainOf(error);
  const different = said.filter((one, index) => one !== '' && one !== said[index - 1]);
  return different.slice(0, mostCauses).join(': ').slice(0, longest);
}

function chainOf(error: unknown): string[] {
  const said: string[] = [];
  let one = error;
  while (one !== undefined && one !== null && said.length < mostCauses) {
    said.push(messageOf(one));
    one = one instanceof Error ? one.cause : undefined;
  }
  return said;
}

function saidByCore(text: string): string[] {
  const [, code = '', message = ''] = status.exec(text) ?? [];
  if (code !== '') return [code, unescaped(message)];
  const found = [...text.matchAll(messages)].map(([, one = '']) => unescaped(one));
  return found.length > 0 ? found : [text];
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char));
