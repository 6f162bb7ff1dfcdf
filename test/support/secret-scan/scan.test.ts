import { randomBytes } from 'node:crypto';
import { noteTaker, noteSecret, noteText } from '../recorder/record';
import { type SecretKind, secretKinds, type Sink, sinks } from '../recorder/secret-kinds';
import { privateRecords } from './private-records';
import { scan } from './scan';
import { verdict } from './verdict';

const { read } = privateRecords('test/some.test.ts');
const secret = () => randomBytes(18).toString('base64url');
const find = () => scan(read());

test('S40 every kind of secret is found in every sink, and told without its value', () => {
  const values = secretKinds.map((kind) => ({ kind, value: secret() }));
  for (const { kind, value } of values) noteSecret(kind, value);
  for (const sink of sinks) for (const { value } of values) noteText(sink, `{"field":"${value}"}`);

  const findings = find();
  const pairs = sinks.flatMap((sink) => secretKinds.map((kind) => `${kind} in ${sink}`));
  // A notification brings that to the application.
  const wrong = pairs.filter((pair) => pair !== 'reconnect code in request to an application');
  expect(findings.map(({ kind, sink }) => `${kind} in ${sink}`).sort()).toEqual(wrong.sort());
  expect(findings.every(({ origin, times }) => origin === 'test/some.test.ts' && times === 1)).toBe(
    true,
  );
  const told = verdict(read(), findings, false);
  expect(told.isGood).toBe(false);
  expect(told.lines.filter((line) => line.includes('{"field":"'))).toHaveLength(wrong.length);
  expect(values.filter(({ value }) => told.lines.join().includes(value))).toEqual([]);
});

const odd = 'a secret/with+"quotes"\\ & ünïcode?';
test.each<[string, (value: string) => string]>([
  ['as it is', (value) => value],
  ['in JSON', (value) => JSON.stringify({ value })],
  ['in JSON in JSON', (value) => JSON.stringify(JSON.stringify({ value }))],
  ['in an address', (value) => `/?a=${encodeURIComponent(value)}&b=c`],
  ['in a form', (value) => new URLSearchParams({ value }).toString()],
  ['in hexadecimal', (value) => Buffer.from(value).toString('hex')],
  ['in Base64', (value) => Buffer.from(value).toString('base64')],
  ['in Base64 after one byte', (value) => Buffer.from(`:${value}`).toString('base64')],
  ['in Base64 after two bytes', (value) => Buffer.from(`::${value}.`).toString('base64')],
  ['in Base64url', (value) => Buffer.from(`{"a":"${value}"}`).toString('base64url')],
])('a secret is found %s', (_how, write) => {
  noteSecret('webhook body', odd);
  noteText('log line', `before ${write(odd)} after`);
  expect(find()).toMatchObject([{ kind: 'webhook body', sink: 'log line', times: 1 }]);
});

test('a key is found by its bytes, also where it has no text', () => {
  const key = randomBytes(32);
  noteSecret('sealing key', key);
  for (const way of ['base64', 'base64url', 'hex'] as const) {
    noteText('process output', key.toString(way));
  }
  noteText('process output', key);
  expect(find()).toMatchObject([{ kind: 'sealing key', times: 4 }]);
});

test('a part of a long webhook is found', () => {
  const body = Array.from({ length: 200 }, secret).join();
  noteSecret('webhook body', body);
  for (const part of [body.slice(0, 100), body.slice(-100)]) noteText('error answer', part);
  expect(find()).toMatchObject([{ times: 2 }]);
});

test('secrets that begin alike are told apart, among thousands', () => {
  for (let n = 0; n < 5_000; n++) noteSecret('webhook body', `{"type":"contact.updated","n":${n}}`);
  noteText('log line', '{"type":"contact.updated","n":4711} {"type":"contact.updated","n":5001}');
  expect(find()).toMatchObject([{ times: 1 }]);
});

test('a secret made of words is found where it stands alone', () => {
  noteSecret('refresh token', 'the-refresh-token');
  noteText('log line', '{"user":"the-refresh-token-is-missing","other":"not-the-refresh-token"}');
  expect(find()).toEqual([]);
  noteText('log line', '{"token":"the-refresh-token"}');
  expect(find()).toMatchObject([{ times: 1 }]);
});

test('nothing is found where there is nothing', () => {
  const value = secret();
  noteSecret('access token', value);
  noteText('log line', value.slice(1));
  noteText('log line', value.toUpperCase().toLowerCase());
  expect(find()).toEqual([]);
});

test.each([
  ['a webhook secret', `whsec_${randomBytes(32).toString('base64')}`],
  ['a bearer token', 'authorization: Bearer abcdefghijklmnop'],
  ['a form with a secret', 'a=b&refresh_token=abcdefghij'],
  ['a private key', '-----BEGIN EC PRIVATE KEY-----'],
])('%s that nobody noted is known by its looks', (kind, text) => {
  noteText('workflow history', text);
  expect(find().map((finding) => finding.kind)).toEqual([expect.stringContaining(kind.slice(2))]);
});

test('S40 a token may be sent to its provider, not to any other server', () => {
  const token = secret();
  noteSecret('access token', token);
  for (const server of ['server 1', 'server 2']) {
    noteText('request to an application', `GET /me {"authorization":"${token}"}`, server);
  }
  noteTaker('server 2');
  expect(find().map(({ origin }) => origin)).toEqual(['test/some.test.ts, server 1']);
});

describe('of a whole run', () => {
  function fill(kinds: readonly SecretKind[], filled: readonly Sink[]) {
    for (const kind of kinds) noteSecret(kind, secret());
    for (const sink of filled) noteText(sink, 'nothing that anybody looks for');
    const records = read();
    return (isWhole: boolean) => verdict(records, scan(records), isWhole);
  }

  test('every kind has to be made and every sink filled', () => {
    expect(fill(secretKinds, sinks)(true).isGood).toBe(true);
  });

  test.each(secretKinds)('it is a fault when no %s was made; of a part it is not', (kind) => {
    const judge = fill(
      secretKinds.filter((one) => one !== kind),
      sinks,
    );
    expect(judge(true).lines.at(-1)).toContain(`no secret of the kind "${kind}"`);
    expect(judge(true).isGood).toBe(false);
    expect(judge(false).isGood).toBe(true);
  });

  test.each(sinks)('it is a fault when no %s was kept', (sink) => {
    const judge = fill(
      secretKinds,
      sinks.filter((one) => one !== sink),
    );
    expect(judge(true).lines.at(-1)).toContain(`"${sink}"`);
    expect(judge(true).isGood).toBe(false);
  });
});
