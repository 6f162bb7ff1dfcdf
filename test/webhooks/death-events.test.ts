import type { WebhookDeclaration } from '../../src/providers/webhook-declaration';
import { verifyWebhook } from '../../src/webhooks/verify';
import { nowMs, webhook } from './requests';
import { signers } from './signers';

type Declared = Pick<WebhookDeclaration, 'deathEvents' | 'eventsPointer' | 'eventTypePointer'>;

/** Of each event of a genuine request: whether it says that a grant is gone. */
async function foretold(
  scheme: string,
  declared: Declared,
  body: string,
  headers: [string, string][] = [],
) {
  const signer = signers.find(({ name }) => name === scheme);
  if (signer === undefined) throw new Error(`nobody signs as ${scheme}`);
  const [secret] = signer.secrets;
  const timestamp = String(nowMs / (signer.timestamp?.unitMs ?? 1_000));
  const signed = signer.sign(secret, Buffer.from(body), timestamp);
  const request = webhook([...signed, ...headers], body);
  const verified = await verifyWebhook({ ...signer.declaration, ...declared }, request, [secret]);
  return verified.ok
    ? verified.events.map(({ foretellsDeath }) => foretellsDeath)
    : verified.reason;
}

const github = (event: string): [string, string][] => [['x-github-event', event]];

test.each([
  ['stripe', 'account.application.deauthorized', '{"type":"account.application.deauthorized"}', []],
  ['slack', 'tokens_revoked', '{"type":"event_callback","event":{"type":"tokens_revoked"}}', []],
  ['shopify', 'app/uninstalled', '{}', [['x-shopify-topic', 'app/uninstalled']]],
  [
    'github',
    'github_app_authorization',
    '{"action":"revoked"}',
    github('github_app_authorization'),
  ],
  ['github', 'installation.deleted', '{"action":"deleted"}', github('installation')],
  ['standard-webhooks', 'app.removed', '{"type":"app.removed"}', []],
] as const)('%s says %s as its scheme says types', async (scheme, type, body, headers) => {
  const sent = headers.map(([name, value]): [string, string] => [name, value]);
  expect(await foretold(scheme, { deathEvents: ['other', type] }, body, sent)).toEqual([true]);
  expect(await foretold(scheme, { deathEvents: ['other'] }, body, sent)).toEqual([false]);
  expect(await foretold(scheme, {}, body, sent)).toEqual([false]);
});

test('an action that is not the declared one says nothing', async () => {
  const deathEvents = ['installation.deleted'];
  for (const body of ['{"action":"created"}', '{}', 'junk']) {
    expect(await foretold('github', { deathEvents }, body, github('installation'))).toEqual([
      false,
    ]);
  }
});

test('of several events in one request those that say so, wherever their type stands', async () => {
  const body = '[{"subscriptionType":"contact.creation"},{"subscriptionType":"app.gone"}]';
  const declared = { eventsPointer: '', deathEvents: ['app.gone', 'other'] };
  expect(await foretold('hubspot', declared, body)).toEqual([false, true]);
  const elsewhere = { ...declared, eventTypePointer: '/kind' };
  expect(await foretold('hubspot', elsewhere, '[{"kind":"other"},{}]')).toEqual([true, false]);
});
