import { Browser } from './browser';
import type { IdentityFixture } from './identity-fixture';
import { link } from './journey';

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

export async function session({ api }: IdentityFixture, userId: string): Promise<Headers> {
  const { body } = await api('POST', '/v1/sessions', { userId });
  return bearer(body.token ?? '');
}

/** A browser that has followed the link of a session. @returns its cookie */
export async function cookieOf(fixture: IdentityFixture, userId: string): Promise<Headers> {
  const { id } = await fixture.integration(userId);
  const browser = new Browser();
  const headers = { origin: fixture.publicUrl };
  await browser.step(await link(fixture, userId, id), { method: 'POST', headers });
  const [jar] = browser.cookies.values();
  return { cookie: [...(jar ?? [])].map((pair) => pair.join('=')).join('; ') };
}
