import { createBrand } from '../../../src/web/document/brand';
import { pageText } from '../../../src/web/document/page';
import { pageHeaders } from '../../../src/web/document/security-headers';
import type { ConnectionsView, ConnectionView } from '../../../src/web/pages/connection-view';
import { connectionsPage } from '../../../src/web/pages/connections';

const connection = (fields: Partial<ConnectionView> = {}): ConnectionView => ({
  ...{ id: 'int_1', name: 'contacts', nameBeside: 'contacts', provider: 'Acme' },
  ...{ logoUrl: undefined, status: 'ENABLED', health: 'healthy', since: new Date(0) },
  ...{ lastSuccessAt: undefined, lastUpdateAt: undefined, accounts: [], permissions: [] },
  ...{ asked: [], ending: undefined, cause: undefined, failing: undefined },
  updates: {
    ...{ pending: 0, andMore: false, inOrder: true },
    ...{ whenError: 'keep', whenDisabled: 'discard' },
  },
  ...{ reconnectPath: '/reconnect/int_1', reconnectSwitchesOn: true, history: [] },
  ...fields,
});
const cause = (code: 'invalid_grant' | 'not_connected') => ({
  ...{ code, by: 'system', credential: undefined, said: undefined },
});
const broken = connection({ status: 'ERROR', health: 'dead', cause: cause('invalid_grant') });
const unconnected = connection({ status: 'ERROR', cause: cause('not_connected') });

const pageOf = (connections: ConnectionView[], fields: Partial<ConnectionsView> = {}) =>
  connectionsPage({
    ...{ basePath: '', userId: 'ada', scope: 'delete', person: 'Ada', appName: 'Example' },
    ...{ back: undefined, holds: [], connections, andMore: false },
    ...fields,
  });
const plain = createBrand({ appName: 'Example' });
const text = (...given: Parameters<typeof pageOf>) =>
  /<main[^]*/.exec(pageText(pageOf(...given), plain))?.[0].replace(/\s+/g, ' ') ?? '';

test('a broken connection stands open, with its reconnect and an alarm; one that works is closed', () => {
  expect(text([broken])).toMatch(/<details id="int_1-more" data-standing="broken" open>/);
  const alarm = /<holdfast-banner[^>]*>(.*)<\/holdfast-banner/;
  expect(alarm.exec(text([broken]))?.[1]).toMatch(/has to be reconnected.*>Reconnect</);
  const several = alarm.exec(
    text(['int_1', 'int_2', 'int_3'].map((id) => ({ ...broken, id }))),
  )?.[1];
  expect(several).toMatch(/>3 connections need reconnecting</);
  expect(several).not.toContain('Reconnect<');
  expect(text([connection()])).toMatch(/<details id="int_1-more" data-standing="working" ?>/);
});

test('what was never connected is no alarm: "Not connected yet", and Connect', () => {
  const page = text([unconnected]);
  expect(page).toMatch(/<holdfast-banner[^>]*> *<\/holdfast-banner/);
  expect(page).toContain('Not connected yet');
  expect(page).toMatch(/<a class="act main"[^>]*>Connect</);
  expect(page).not.toMatch(/be reconnected|need reconnecting|>Reconnect/);
});

test.each<[Partial<ConnectionView>, string, string]>([
  [{ name: 'acme', nameBeside: undefined }, 'Switch off Acme?', 'Acme (acme)'],
  [{ name: 'mail', nameBeside: 'mail' }, 'Switch off Acme (mail)?', 'Switch off Acme?'],
])('a name is said where it says more than the service: %j', (fields, said, unsaid) => {
  expect(text([connection(fields)])).toContain(said);
  expect(text([connection(fields)])).not.toContain(unsaid);
});

test.each([
  [true, 'delete', 'reconnecting switches the connection on'],
  [false, 'manage', 'stays off until you switch it on here'],
  [false, 'read', 'stays off until Example switches it on'],
] as const)(
  'what a reconnect does to one that is off: %s, %s',
  (reconnectSwitchesOn, scope, said) => {
    const off = { status: 'DISABLED', health: 'dead', reconnectSwitchesOn } as const;
    const why = { ...cause('invalid_grant'), code: 'switched_off', by: 'application' } as const;
    expect(text([connection({ ...off, cause: why })], { scope })).toContain(said);
  },
);

test('the next attempt is said only where there will be one: not under a pause', () => {
  const failing = { since: new Date(0), isUnanswering: true, nextAttemptAt: new Date(0) };
  const page = (fields: Partial<ConnectionsView>) =>
    text([connection({ failing, updates: { ...connection().updates, pending: 3 } })], fields);
  expect(page({})).toContain('Next attempt');
  const hold = { by: 'user', reason: undefined, since: new Date(0) } as const;
  expect(page({ holds: [hold] })).not.toContain('Next attempt');
});

test('only what leads on has the colour of the brand, and a pause is not red', () => {
  const hold = { by: 'user', reason: undefined, since: new Date(0) } as const;
  expect(text([connection()])).toMatch(/class="act live sober" id="int_1-off-now"/);
  expect(text([connection()])).toMatch(/class="act live sober" id="pause-now"/);
  expect(text([connection()], { holds: [hold] })).not.toMatch(/(badge|notice) stop/);
});

test('a page may load pictures from the origins of those on it, and from no other', () => {
  const policy = (page: ReturnType<typeof pageOf>, logoUrl?: string) =>
    pageHeaders(page, { ...plain, logoUrl })['content-security-policy'];
  const pictured = pageOf([
    connection({ logoUrl: 'https://cdn.acme.example/a/logo.svg' }),
    connection({ id: 'int_2', logoUrl: 'https://cdn.acme.example/b.svg' }),
  ]);
  expect(policy(pictured, 'https://app.example/logo.png')).toContain(
    '; img-src https://app.example https://cdn.acme.example; ',
  );
  expect(policy(pageOf([connection()]))).not.toContain('img-src');
});

test('no word for people is "webhook"', () => {
  const kept = { ...connection().updates, pending: 3 };
  const many = [broken, unconnected, connection({ status: 'DISABLED' }), connection()];
  const all = many.map((one, index) => ({ ...one, id: `int_${index}`, updates: kept }));
  expect(text(all)).not.toMatch(/webhook/i);
});
