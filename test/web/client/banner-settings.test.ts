import { checkToken, readSettings } from '../../../src/web/client/banner-settings';

const page = 'https://shop.example/orders/';

describe('readSettings', () => {
  it.each([
    ['https://holdfast.example', 'https://holdfast.example'],
    ['https://holdfast.example/', 'https://holdfast.example'],
    ['http://localhost:3000/', 'http://localhost:3000'],
    ['https://shop.example/holdfast//', 'https://shop.example/holdfast'],
    ['/', 'https://shop.example'],
  ])('takes base-url %s for %s', (baseUrl, expected) => {
    expect(readSettings({ baseUrl, userId: 'ada' }, page)).toEqual({
      baseUrl: expected,
      userId: 'ada',
    });
  });

  it.each([
    null,
    '',
    'https://',
    'javascript:alert(1)',
    'ftp://holdfast.example',
    '/?token=secret',
  ])('refuses base-url %j by its name and without quoting it', (baseUrl) => {
    const read = () => readSettings({ baseUrl, userId: 'ada' }, page);
    expect(read).toThrow(/^base-url /);
    expect(read).not.toThrow(/secret|alert/);
  });

  it.each([null, '', '.', '..', 'ada\ud83d'])('refuses user-id %j', (userId) => {
    expect(() => readSettings({ baseUrl: '/', userId }, page)).toThrow(/^user-id /);
  });

  it.each(['auth0|5f7c', '-ada', 'ada lovelace', 'ada/../bob', '...', '👩‍👩‍👧‍👦'])(
    'takes user-id %j, which goes into addresses encoded',
    (userId) => {
      expect(readSettings({ baseUrl: '/', userId }, page).userId).toBe(userId);
    },
  );
});

describe('checkToken', () => {
  it('refuses what a header could not carry, without quoting it', () => {
    expect(() => checkToken('abc-_DEF.123')).not.toThrow();
    for (const token of ['abc\n', 'a b', 'tökén']) {
      expect(() => checkToken(token)).toThrow(/^token has characters/);
    }
  });
});
