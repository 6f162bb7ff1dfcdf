import { createHmac } from 'node:crypto';
import type { WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { verifyWebhook } from '../../src/webhooks/verify';
import { oneEvent, webhook } from './requests';

type Declared = Omit<Partial<WebhookDeclaration>, 'scheme'>;

const verify = (declared: Declared, body: string, headers: [string, string][] = []) =>
  verifyWebhook({ scheme: 'none', ...declared }, webhook(headers, body), []);

async function eventsOf(declared: Declared, body: string, headers: [string, string][] = []) {
  const verdict = await verify(declared, body, headers);
  return verdict.ok ? verdict.events : [];
}

const accountOf = async (body: string, pointer: string | string[] = '/account') =>
  (await eventsOf({ accountPointer: pointer }, body))[0]?.account;

test('S17 a request is cut where it is declared to be, and pointers count from each event', async () => {
  const declared = { eventsPointer: '/d/0', accountPointer: '/who', eventTypePointer: '/kind/0' };
  const body = '{"who":"x","d":[ [{"who":1, "kind":["a"]} ,\n{"who":"2"}, 3, null]]}';
  const events = await eventsOf(declared, body);
  expect(events.map((event) => [event.body.toString(), event.account, event.eventType])).toEqual([
    ['{"who":1, "kind":["a"]}', '1', 'a'],
    ['{"who":"2"}', '2', null],
    ['3', null, null],
    ['null', null, null],
  ]);
});

test('S17 without a key of the sender no event is a repeat, whatever its bytes', async () => {
  const events = await eventsOf({ eventsPointer: '' }, '[{"a":1},{"a":2},{"a":1}]');
  expect(events.map(({ dedupeKey }) => dedupeKey)).toEqual([null, null, null]);
});

test.each([
  ['no JSON', '{"events":[1,2]'],
  ['no list there', '{"events":{"0":1}}'],
  ['nothing there', '{"account":"x"}'],
  ['an empty list', '{"events":[]}'],
  ['an endless list', `{"events":[${'0,'.repeat(1000)}0]}`],
  ['nothing at all', ''],
])('S17 what can not be cut is one event of the whole: %s', async (_, body) => {
  const declared = { eventsPointer: '/events', accountPointer: '/account' };
  expect(await verify(declared, body)).toEqual(
    oneEvent({ body: Buffer.from(body), account: null }),
  );
});

test('a thousand events are as many', async () => {
  expect(await eventsOf({ eventsPointer: '' }, `[${'0,'.repeat(999)}0]`)).toHaveLength(1000);
});

test.each([
  ['"acct_1"', 'acct_1'],
  ['7', '7'],
  ['0', '0'],
  ['9007199254740993', '9007199254740993'],
  ['-9007199254740993', '-9007199254740993'],
  ['18446744073709551616', '18446744073709551616'],
  ['1.5', null],
  ['1e400', null],
  ['9007199254740993.5', null],
  ['1e20', null],
  ['""', null],
  ['null', null],
  ['true', null],
  ['["a"]', null],
  ['{"a":1}', null],
  ['"a\\u0000b"', null],
  ['"\\ud800"', null],
  [`"${'a'.repeat(1001)}"`, null],
  ['"😀"', '😀'],
])('the account %s is %j', async (written, account) => {
  expect(await accountOf(`{ "account" : ${written} }`)).toBe(account);
});

test('of several pointers the first that holds an account counts', async () => {
  expect(await accountOf('{"b":"2","a":null}', ['/a', '/b'])).toBe('2');
  expect(await accountOf('{"b":"2","a":1}', ['/a', '/b'])).toBe('1');
  expect(await accountOf('{"b":"2"}', '/constructor/name')).toBeNull();
});

test('a header that names the account goes first, unless it is there twice', async () => {
  const declared = { accountHeader: ['x-shop', 'shop'], accountPointer: '/shop' };
  const body = '{"shop":"of the body"}';
  const once: [string, string][] = [['X-Shop', 'one.example']];
  expect(await verify(declared, body, once)).toEqual(oneEvent({ account: 'one.example' }));
  expect(await verify(declared, body, [...once, ['x-shop', 'two.example']])).toEqual(
    oneEvent({ account: 'of the body' }),
  );
  expect(await verify(declared, body, [['shop', 'three.example']])).toEqual(
    oneEvent({ account: 'three.example' }),
  );
  expect(await verify(declared, body)).toEqual(oneEvent({ account: 'of the body' }));
});

test('a header names the account of every event, cut or not', async () => {
  const declared = { eventsPointer: '', accountHeader: 'x-shop' };
  const events = await eventsOf(declared, '[1,2]', [['x-shop', 's']]);
  expect(events.map(({ account }) => account)).toEqual(['s', 's']);
  expect(await verify(declared, 'no JSON', [['x-shop', 's']])).toEqual(oneEvent({ account: 's' }));
});

test('a declared type goes before the scheme’s, which is there where the other is not', async () => {
  const typed: WebhookDeclaration = {
    scheme: 'hmac',
    header: 'x-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    eventHeader: 'x-event',
    eventTypePointer: '/type',
  };
  const headers = (signature: string): [string, string][] => [
    ['x-event', 'of the header'],
    ['x-signature', signature],
  ];
  // RFC 4231 case 2.
  const plain = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  const request = webhook(headers(plain), 'what do ya want for nothing?');
  expect(await verifyWebhook(typed, request, ['Jefe'])).toEqual(
    oneEvent({ eventType: 'of the header' }),
  );
  const body = '{"type":"of the body"}';
  const signature = createHmac('sha256', 'Jefe').update(body).digest('hex');
  expect(await verifyWebhook(typed, webhook(headers(signature), body), ['Jefe'])).toEqual(
    oneEvent({ eventType: 'of the body' }),
  );
});
