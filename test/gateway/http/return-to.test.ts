import { allowedReturn } from '../../../src/gateway/http/return-to';

const config = {
  publicUrl: 'https://holdfast.example',
  allowedOrigins: ['https://app.example', 'http://localhost:4000', 'myapp://callback'],
};

test.each([
  ['https://app.example/settings?tab=2#crm', 'https://app.example/settings?tab=2#crm'],
  ['https://app.example', 'https://app.example/'],
  ['https://app.example:443/', 'https://app.example/'],
  ['HTTPS://App.Example/Settings', 'https://app.example/Settings'],
  ['https://app.example/größe', 'https://app.example/gr%C3%B6%C3%9Fe'],
  ['https://app.example/a?next=//evil.example', 'https://app.example/a?next=//evil.example'],
  ['http://localhost:4000/x', 'http://localhost:4000/x'],
  ['https://holdfast.example/', 'https://holdfast.example/'],
])('a person may be sent to %s', (address, read) => {
  expect(allowedReturn(address, config)).toBe(read);
});

test.each([
  ['another site', 'https://evil.example/'],
  ['no scheme', '//evil.example/'],
  ['no scheme, an allowed host', '//app.example/'],
  ['a path', '/settings'],
  ['a path that is a host to browsers', '/\\evil.example'],
  ['nothing', ''],
  ['words', 'app.example'],
  ['backslashes for slashes', 'https:\\\\evil.example'],
  ['a backslash after the host', 'https://app.example\\@evil.example/'],
  ['a backslash before the host', 'https://\\app.example/'],
  ['one slash', 'https:/app.example/'],
  ['no slash', 'https:app.example/'],
  ['three slashes', 'https:///app.example/'],
  ['a user name that looks like the host', 'https://app.example@evil.example/'],
  ['a user name and password', 'https://app.example:443@evil.example/'],
  ['a user name at the allowed host', 'https://someone@app.example/'],
  ['an encoded user name', 'https://app.example%40evil.example/'],
  ['the host as the beginning of another', 'https://app.example.evil.example/'],
  ['the host as the end of another', 'https://evilapp.example/'],
  ['a part of the host', 'https://www.app.example/'],
  ['a dot at the end', 'https://app.example./'],
  ['an encoded dot', 'https://app%2eexample/'],
  ['an ideographic dot', 'https://app。example/'],
  ['a full-width dot', 'https://app．example/'],
  ['a letter that looks the same', 'https://аpp.example/'],
  ['a letter that is folded to the same', 'https://ａpp.example/'],
  ['a soft hyphen', 'https://app\u00ad.example/'],
  ['another port', 'https://app.example:8443/'],
  ['another port of this machine', 'http://localhost:4001/'],
  ['no port', 'http://localhost/'],
  ['plain http', 'http://app.example/'],
  ['a tab within the host', 'https://app.example\t.evil.example/'],
  ['a line break within the scheme', 'java\nscript:alert(1)'],
  ['a line break at the end', 'https://app.example/\r\nset-cookie: a=b'],
  ['a NUL', 'https://app.example\u0000.evil.example/'],
  ['a space before', ' https://app.example/'],
  ['a space within the host', 'https://app.example .evil.example/'],
  ['a script', 'javascript:alert(1)'],
  ['a script in mixed case', 'JaVaScRiPt:alert(1)'],
  ['a script behind a look of the host', 'javascript://app.example/%0aalert(1)'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['a blob of the allowed origin', 'blob:https://app.example/0b6f7b0e'],
  ['a file system of the allowed origin', 'filesystem:https://app.example/temporary/a'],
  ['a source view', 'view-source:https://app.example/'],
  ['a file', 'file:///etc/passwd'],
  ['a scheme of an app, though it is listed', 'myapp://callback'],
  ['a broken address', 'https://app.example:x/'],
  ['a broken IPv6 address', 'https://[::1/'],
])('nobody is sent to %s', (_what, address) => {
  expect(allowedReturn(address, config)).toBeUndefined();
});

test('nobody is sent anywhere where no address was given', () => {
  expect(allowedReturn(null, config)).toBeUndefined();
});

describe('under a path of a host that others use too', () => {
  const own = { publicUrl: 'https://holdfast.example/hf', allowedOrigins: ['https://app.example'] };
  test.each([
    ['https://holdfast.example/hf', 'https://holdfast.example/hf'],
    ['https://holdfast.example/hf/', 'https://holdfast.example/hf/'],
    [
      'https://holdfast.example/hf/reconnect/int_1?a=%2F#b',
      'https://holdfast.example/hf/reconnect/int_1?a=%2F#b',
    ],
    ['https://holdfast.example/x/../hf/y', 'https://holdfast.example/hf/y'],
    ['https://app.example/anything', 'https://app.example/anything'],
  ])('a person may be sent to %s', (address, read) => {
    expect(allowedReturn(address, own)).toBe(read);
  });

  test.each([
    'https://holdfast.example/',
    'https://holdfast.example/hfx',
    'https://holdfast.example/HF/',
    'https://holdfast.example/other',
    'https://holdfast.example/hf/../other',
    'https://holdfast.example/hf/%2e%2e/other',
    'https://holdfast.example/hf/.%2E/other',
    'https://holdfast.example/hf/..%2fother',
    'https://holdfast.example/hf/..%5cother',
    'https://holdfast.example/hf/%252e%252e/other',
    'https://holdfast.example/hf/..;/other',
    'https://holdfast.example/hf/..\\..\\other',
    'https://holdfast.example/hf//other',
    'https://holdfast.example//hf/',
    'https://holdfast.example\\hf/../other',
  ])('nobody is sent to %s', (address) => {
    expect(allowedReturn(address, own)).toBeUndefined();
  });

  test('an origin that is listed is listed with all its paths', () => {
    const listed = { ...own, allowedOrigins: ['https://holdfast.example'] };
    expect(allowedReturn('https://holdfast.example/other', listed)).toBeDefined();
  });
});
