import { agree, Browser, type Landing } from './browser';
import type { IdentityFixture } from './identity-fixture';

/** The address of a session link for that user's integration. */
export async function link(
  { api }: IdentityFixture,
  userId: string,
  integrationId: string,
  more: object = {},
): Promise<string> {
  const { status, body } = await api('POST', '/v1/sessions', { userId, integrationId, ...more });
  if (status !== 201 || body.url === undefined)
    throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.url;
}

/** The whole way in a browser of its own. @returns the page that it ends on */
export async function connect(
  fixture: IdentityFixture,
  userId: string,
  integrationId: string,
  login: string,
  more: object = {},
): Promise<Landing> {
  const browser = new Browser();
  const page = await browser.open(await link(fixture, userId, integrationId, more));
  return agree(browser, await browser.press(page), login);
}

/** A browser that is about to come back from the provider, and the address that it comes back to. */
export async function comingBack(fixture: IdentityFixture, userId: string) {
  const { id, credentialId } = await fixture.integration(userId);
  const browser = new Browser();
  const pressed = await browser.press(await browser.open(await link(fixture, userId, id)));
  const { url } = await agree(browser, pressed, `${userId}@acme`, fixture.isCallback);
  return { browser, callback: url, id, credentialId };
}

interface CredentialRow {
  refresh_token: Buffer | null;
  expires_at: Date;
  refresh_at: Date;
  scope: string | null;
}

export async function credentialRow(
  { pool }: IdentityFixture,
  credentialId: string,
): Promise<CredentialRow> {
  const { rows } = await pool.query<CredentialRow>('SELECT * FROM credentials WHERE id = $1', [
    credentialId,
  ]);
  const [found] = rows;
  if (found === undefined) throw new Error('no such credential');
  return found;
}
