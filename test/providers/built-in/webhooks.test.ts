import { sign } from '@octokit/webhooks-methods';
import Stripe from 'stripe';
import { builtInNames, type BuiltInName } from '../../../src/providers/built-in';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, oneEvent, webhook } from '../../webhooks/requests';
import { signers } from '../../webhooks/signers';
import { untouched } from './vendor';

const secret = 'secret-of-the-webhooks';
const seconds = String(nowMs / 1000);

type Headers = [name: string, value: string][];

/** By the vendor's own package where there is one, else by a signer written apart from what it tests. */
async function signed(scheme: string, body: string): Promise<Headers> {
  if (scheme === 'github') return [['X-Hub-Signature-256', await sign(secret, body)]];
  if (scheme === 'stripe') {
    const given = { payload: body, secret, timestamp: nowMs / 1000 };
    return [['Stripe-Signature', Stripe.webhooks.generateTestHeaderString(given)]];
  }
  const signer = signers.find(({ name }) => name === scheme);
  const timestamp = signer?.timestamp?.unitMs === 1 ? String(nowMs) : seconds;
  return signer?.sign(secret, Buffer.from(body), timestamp) ?? [];
}

interface Sent {
  provider: BuiltInName;
  headers?: Headers;
  /** As the vendor's documentation shows it, shortened. */
  body: unknown;
  /** What has to be read from it. */
  event: { account: string; eventType: string; dedupeKey: string | null };
}

const matching = (text: string) => expect.stringMatching(text) as string;

const sent: Sent[] = [
  {
    provider: 'attio',
    headers: [['Idempotency-Key', 'c8aa3f44-8b1c-4d5e-9f0a-1b2c3d4e5f60']],
    body: {
      webhook_id: '23e42eaf-323a-41da-b5bb-fd67eebda553',
      events: [
        {
          event_type: 'record.updated',
          id: { workspace_id: '14beef7a-99f7-4534-a87e-70b564330a4c', record_id: 'bf071e1f' },
          actor: { type: 'workspace-member', id: '50cf242c' },
        },
      ],
    },
    event: {
      account: '14beef7a-99f7-4534-a87e-70b564330a4c',
      eventType: 'record.updated',
      dedupeKey: 'item:0:c8aa3f44-8b1c-4d5e-9f0a-1b2c3d4e5f60',
    },
  },
  {
    provider: 'github',
    headers: [
      ['X-GitHub-Event', 'issues'],
      ['X-GitHub-Delivery', '72d3162e-cc78-11e3-81ab-4c9367dc0958'],
    ],
    body: {
      action: 'opened',
      repository: { id: 1296269, owner: { login: 'octo-org', id: 5844 } },
      organization: { id: 5844 },
      installation: { id: 957387 },
      sender: { login: 'octocat', id: 583231 },
    },
    event: {
      account: '5844',
      eventType: 'issues',
      dedupeKey: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
    },
  },
  {
    provider: 'github',
    headers: [
      ['X-GitHub-Event', 'github_app_authorization'],
      ['X-GitHub-Delivery', '0b989ba4-242f-11e5-81e1-c7b6966d2516'],
    ],
    body: { action: 'revoked', sender: { login: 'octocat', id: 583231, type: 'User' } },
    event: {
      account: '583231',
      eventType: 'github_app_authorization',
      dedupeKey: '0b989ba4-242f-11e5-81e1-c7b6966d2516',
    },
  },
  {
    provider: 'hubspot',
    body: [
      {
        objectId: 1246965,
        propertyName: 'lifecyclestage',
        propertyValue: 'subscriber',
        changeSource: 'ACADEMY',
        eventId: 3816279340,
        subscriptionId: 25,
        portalId: 33,
        appId: 1160452,
        occurredAt: 1462216307945,
        subscriptionType: 'contact.propertyChange',
        attemptNumber: 0,
      },
    ],
    event: {
      account: '33',
      eventType: 'contact.propertyChange',
      dedupeKey: matching('^content-sha256:'),
    },
  },
  {
    provider: 'shopify',
    headers: [
      ['X-Shopify-Topic', 'orders/create'],
      ['X-Shopify-Shop-Domain', 'johns-apparel.myshopify.com'],
      ['X-Shopify-Event-Id', '98880550-7158-44d4-b7cd-2c97c8a091b5'],
    ],
    body: {
      id: 820982911946154508,
      admin_graphql_api_id: 'gid://shopify/Order/820982911946154508',
    },
    event: {
      account: 'johns-apparel.myshopify.com',
      eventType: 'orders/create',
      dedupeKey: 'orders/create:98880550-7158-44d4-b7cd-2c97c8a091b5',
    },
  },
  {
    provider: 'shopify',
    headers: [
      ['X-Shopify-Topic', 'app/uninstalled'],
      ['X-Shopify-Shop-Domain', 'johns-apparel.myshopify.com'],
      ['X-Shopify-Event-Id', '7e0a1a3c-7c0d-4c8b-9a3f-0a4f8f1f2a11'],
    ],
    body: { id: 548380009, name: 'Super Toys', domain: null, myshopify_domain: null },
    event: {
      account: 'johns-apparel.myshopify.com',
      eventType: 'app/uninstalled',
      dedupeKey: 'app/uninstalled:7e0a1a3c-7c0d-4c8b-9a3f-0a4f8f1f2a11',
    },
  },
  ...['app_uninstalled', 'tokens_revoked'].map((type): Sent => ({
    provider: 'slack',
    body: {
      token: 'XXYYZZ',
      team_id: 'T9TK3CUKW',
      api_app_id: 'AXXXXXXXXX',
      event: { type, tokens: { oauth: ['UXXXXXXXX'], bot: ['UXXXXXXXX'] } },
      type: 'event_callback',
      event_id: 'EvXXXXXXXX',
      event_time: 1234567890,
    },
    event: { account: 'T9TK3CUKW', eventType: type, dedupeKey: 'EvXXXXXXXX' },
  })),
  {
    provider: 'slack',
    body: new URLSearchParams({ team_id: 'T9TK3CUKW', command: '/weather', text: '94070' }),
    event: { account: 'T9TK3CUKW', eventType: '/weather', dedupeKey: null },
  },
  ...(['stripe', 'stripe-apps'] as const).flatMap((provider) =>
    (provider === 'stripe'
      ? ['account.application.deauthorized']
      : ['account.application.deauthorized', 'apps.install.deleted']
    ).map((type): Sent => ({
      provider,
      body: {
        id: 'evt_1032HU2eZvKYlo2C0FuZb3X7',
        object: 'event',
        account: 'acct_1032D82eZvKYlo2C',
        data: { object: { id: 'ca_32D88BD1qLklliziD7gYQvctJIhWBSQ7', object: 'application' } },
        livemode: false,
        type,
      },
      event: {
        account: 'acct_1032D82eZvKYlo2C',
        eventType: type,
        dedupeKey: 'evt_1032HU2eZvKYlo2C0FuZb3X7',
      },
    })),
  ),
];

test.each(sent.map((each) => [each.provider, each.event.eventType, each] as const))(
  'S12 S17 of what %s sends as %s, account and key are read',
  async (name, _, { headers = [], body, event }) => {
    const { webhook: declaration } = untouched(name);
    const text = body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);
    const proof = await signed(declaration?.scheme ?? '', text);
    const request = webhook([...proof, ...headers], text);
    const foretellsDeath = declaration?.deathEvents?.includes(event.eventType) === true;
    expect(await verifyWebhook(declaration, request, [secret])).toEqual(
      oneEvent({ ...event, foretellsDeath }),
    );
    expect(await verifyWebhook(declaration, request, ['another secret'])).toEqual({
      ok: false,
      reason: 'wrong_signature',
    });
  },
);

test('every event that says that a grant is gone is one that the provider sends, by the type that is read', () => {
  const types = (name: BuiltInName) =>
    sent.filter(({ provider }) => provider === name).map(({ event }) => event.eventType);
  for (const name of builtInNames) {
    const declared = untouched(name).webhook?.deathEvents ?? [];
    expect(types(name)).toEqual(expect.arrayContaining(declared));
  }
});
