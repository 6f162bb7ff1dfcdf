import { connectedPage, type ConnectedView } from '../../../src/web/pages/connected';
import { createBrand } from '../../../src/web/document/brand';
import { pageText } from '../../../src/web/document/page';

const live = {
  ...{ basePath: '', userId: 'ada', connection: 'contacts' },
  reconnectPath: '/reconnect/int_1',
};
const view = (fields: Partial<ConnectedView>) =>
  connectedPage({
    provider: 'Acme',
    account: undefined,
    outcome: { kind: 'works' },
    kept: 0,
    left: 0,
    live,
    ways: [{ href: '/', label: 'Your connections' }],
    frameAncestors: ['https://app.example'],
    ...fields,
  });
const text = (fields: Partial<ConnectedView>) =>
  pageText(view(fields), createBrand({ appName: 'Example' })).replace(/\s+/g, ' ');

test.each<[string, Partial<ConnectedView>, string]>([
  ['none waiting', {}, 'No updates are waiting.'],
  ['one', { kept: 1, left: 1 }, '1 update that arrived meanwhile is being handled.'],
  ['many', { kept: 1_038, left: 9 }, '1,038 updates that arrived meanwhile are being handled.'],
  ['all handled already', { kept: 38 }, 'All caught up: 38 updates arrived meanwhile'],
  [
    'another credential',
    { outcome: { kind: 'another_needed' }, kept: 2, left: 2 },
    'before it works again. 2 updates that arrived meanwhile are kept until then.',
  ],
  [
    'switched off',
    { outcome: { kind: 'stays_off' }, kept: 1, left: 1 },
    'still switched off, as it was before. 1 update that arrived meanwhile is kept until it is switched on.',
  ],
  [
    "an operator's hold",
    { outcome: { kind: 'held', by: 'operator', reason: '<maintenance>' }, kept: 2, left: 2 },
    'Everything is paused: “&lt;maintenance&gt;”. 2 updates that arrived meanwhile are kept',
  ],
  [
    "the person's own pause",
    { outcome: { kind: 'held', by: 'user', reason: null } },
    'You have paused everything. What arrives is kept',
  ],
])('what happens now is said: %s', (_what, fields, expected) => {
  expect(text(fields)).toContain(expected);
});

test('it is followed only where something moves, by the browser that is signed in as its owner', () => {
  const moving = { kept: 3, left: 2 };
  expect(view(moving).script).toBe('/assets/progress.js');
  expect(text(moving)).toContain('data-user="ada"');
  for (const still of [
    {},
    { ...moving, live: undefined },
    { kept: 3, left: 0 },
    { ...moving, outcome: { kind: 'stays_off' } as const },
    { ...moving, outcome: { kind: 'another_needed' } as const },
  ]) {
    expect(view(still).script).toBeUndefined();
    expect(text(still)).not.toMatch(/<progress|data-user/);
  }
});

test('it can be framed by the allowed origins, unless a click on it leads to a provider', () => {
  expect(view({}).frameAncestors).toEqual(['https://app.example']);
  expect(view({ outcome: { kind: 'another_needed' } }).frameAncestors).toBeUndefined();
});
