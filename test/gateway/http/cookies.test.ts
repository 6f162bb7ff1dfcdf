import { sessionCookie, stateCookie, surplusStateCookies } from '../../../src/gateway/http/cookies';

test('under https cookies are secure and bound to the host', () => {
  for (const cookie of [
    sessionCookie('https://holdfast.example'),
    stateCookie('https://holdfast.example', Buffer.alloc(32)),
  ]) {
    expect(cookie.name).toMatch(/^__Host-/);
    expect(cookie.options).toEqual({ httpOnly: true, sameSite: 'lax', path: '/', secure: true });
  }
});

test('under http they are neither, or a browser would refuse them', () => {
  const { name, options } = sessionCookie('http://localhost:3000');
  expect(name).not.toContain('__Host-');
  expect(options).toEqual({ httpOnly: true, sameSite: 'lax', path: '/', secure: false });
});

test('each way to a provider has a cookie of its own', () => {
  const names = [1, 2].map((byte) => stateCookie('http://a', Buffer.alloc(32, byte)).name);
  expect(new Set(names).size).toBe(2);
});

test('two installations at one host have cookies of their own, each bound to the host', () => {
  const urls = ['https://a.example', 'https://a.example/hf', 'https://a.example/hf/two'];
  const cookies = urls.flatMap((url) => [sessionCookie(url), stateCookie(url, Buffer.alloc(32))]);
  expect(new Set(cookies.map(({ name }) => name)).size).toBe(6);
  for (const { name, options } of cookies) {
    expect(name).toMatch(/^__Host-holdfast-(session|oauth)[0-9a-f-]*$/);
    expect(options).toMatchObject({ path: '/', secure: true });
  }
  expect(cookies[0]?.name).toBe('__Host-holdfast-session');
});

test('of twenty ways to a provider the oldest gives way to another one, and nothing else does', () => {
  const url = 'https://a.example/holdfast';
  const namesOf = (count: number, publicUrl = url) =>
    Array.from({ length: count }, (_, byte) => stateCookie(publicUrl, Buffer.alloc(32, byte)).name);
  const others = [sessionCookie(url).name, ...namesOf(30, 'https://a.example')];
  expect(surplusStateCookies(url, [...others, ...namesOf(19)])).toEqual([]);
  expect(surplusStateCookies(url, [...others, ...namesOf(21)])).toEqual(namesOf(2));
});
