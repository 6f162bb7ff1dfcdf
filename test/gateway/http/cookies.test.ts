import { sessionCookie, stateCookie } from '../../../src/gateway/http/cookies';

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
