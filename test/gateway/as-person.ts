import { Browser } from './browser';
import type { IdentityFixture } from './identity-fixture';

export interface Pause {
  paused: boolean;
  reason: string | null;
  pausedAt: string | null;
  by: 'user' | 'operator' | null;
  error?: { code: string; message: string };
}

type Headers = Record<string, string>;

export const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

export const application = bearer('a-key-of-the-application-0123456789');

/** A person's API, as whoever the headers say; a PUT pauses. */
export async function ask(
  { publicUrl }: IdentityFixture,
  method: 'GET' | 'PUT',
  userId: string,
  headers: Headers,
  body: unknown = { paused: true, reason: 'on holiday' },
) {
  const answer = await fetch(`${publicUrl}/api/users/${userId}/pause`, {
    method,
    headers: { ...(method === 'PUT' ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(method === 'PUT' ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Pause, headers: answer.headers };
}

export async function session(
  { api }: IdentityFixture,
  userId: string,
  more: object = {},
): Promise<Headers> {
  const { body } = await api('POST', '/v1/sessions', { userId, ...more });
  return bearer(body.token ?? '');
}

/** A browser that has followed the link of a session. @returns its cookie */
export async function cookieOf(
  fixture: IdentityFixture,
  userId: string,
  more: object = {},
): Promise<Headers> {
  const { body } = await fixture.api('POST', '/v1/sessions', { userId, ...more });
  return cookieByLink(fixture, body.url ?? '');
}

/** Presses the button of a link. @returns the cookie that comes of it */
export async function cookieByLink({ publicUrl }: IdentityFixture, url: string): Promise<Headers> {
  const browser = new Browser();
  await browser.step(url, { method: 'POST', headers: { origin: publicUrl } });
  const [jar] = browser.cookies.values();
  return { cookie: [...(jar ?? [])].map((pair) => pair.join('=')).join('; ') };
}
