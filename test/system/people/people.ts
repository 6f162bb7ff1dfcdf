import { Browser, confirm, type Landing } from '../../gateway/browser';
import { eventually } from '../../support/eventually';
import { freePort } from '../../support/processes/free-port';
import { type IntegrationBody, type Scene, startScene } from '../../support/scenes/scene';
import { untilQuiet } from '../../support/until-quiet';

type SceneOptions = Parameters<typeof startScene>[0];

/** A scene whose gateway people reach in a browser, and whose provider says whose account it is. */
export async function startPeopleScene(options: SceneOptions = {}): Promise<Scene> {
  const port = await freePort();
  const config = { port, publicUrl: `http://127.0.0.1:${port}`, ...options.config };
  return startScene({ withAccount: true, ...options, config });
}

/** Opens the link that the application made for its user, presses its button, and confirms the account. */
export async function reconnect(
  { system }: Scene,
  { id }: IntegrationBody,
  more: { credential?: string; resume?: boolean } = {},
  browser = new Browser(),
): Promise<Landing> {
  const { status, body } = await system.api<{ url: string }>('POST', '/v1/sessions', {
    userId: 'user-1',
    integrationId: id,
    ...more,
  });
  if (status !== 201) throw new Error(`no session: ${JSON.stringify(body)}`);
  const end = await browser.press(await browser.open(body.url));
  // What is switched off is asked about before it is switched on.
  return confirm(browser, end.text.includes('and switch on?') ? await browser.press(end) : end);
}

type CredentialBody = IntegrationBody['credentials'][number];

export function credentialOf(integration: IntegrationBody, name = 'main'): CredentialBody {
  const found = integration.credentials.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no credential ${name}`);
  return found;
}

/** Says that the provider's API refused what the integration holds now. @returns the answer's status */
export async function reject(
  scene: Scene,
  { id }: IntegrationBody,
  credential = 'main',
): Promise<number> {
  const { version } = credentialOf(await scene.show(id), credential);
  const path = `/v1/integrations/${id}/token/reject`;
  return (await scene.system.api('POST', path, { version, credential })).status;
}

/** Waits until the API says so of a credential. */
export function untilCredential(
  scene: Scene,
  { id }: IntegrationBody,
  expected: Partial<CredentialBody>,
  name = 'main',
): Promise<void> {
  return eventually(
    async () => expect(credentialOf(await scene.show(id), name)).toMatchObject(expected),
    { timeoutMs: 30_000 },
  );
}

/** Waits until the actors of an integration and of its first credential have worked on all that they were sent. */
export async function actorsAreQuiet(
  { system }: Scene,
  { id, credentials }: IntegrationBody,
): Promise<void> {
  const { workflow } = system.temporal;
  await untilQuiet(workflow.getHandle(`credential:${credentials[0]?.id ?? ''}`));
  await untilQuiet(workflow.getHandle(`integration:${id}`));
}
