import { createHmac } from 'node:crypto';
import { slack } from '../../../src/providers/built-in/slack';
import { verifyWebhook } from '../../../src/webhooks/verify';
import { nowMs, oneEvent, webhook } from '../requests';

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const scheme = { scheme: 'slack', ...slack.webhook } as const;

function send(body: string, timestamp = '1614265330', at = nowMs, key = secret) {
  const signature = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex');
  const headers: [string, string][] = [
    ['X-Slack-Request-Timestamp', timestamp],
    ['X-Slack-Signature', `v0=${signature}`],
  ];
  return verifyWebhook(scheme, webhook(headers, body, at), [secret]);
}

/** The example of https://docs.slack.dev/authentication/verifying-requests-from-slack */
const command =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V' +
  '&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=' +
  '&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN' +
  '&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';

test('S12 the example of the documentation verifies; a command is known by its bytes', async () => {
  const headers: [string, string][] = [
    ['X-Slack-Request-Timestamp', '1531420618'],
    ['X-Slack-Signature', 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'],
  ];
  const request = webhook(headers, command, 1_531_420_618_000);
  expect(await verifyWebhook(scheme, request, [secret])).toEqual(
    oneEvent({
      body: Buffer.from(command),
      dedupeKey: null,
      eventType: '/webhook-collect',
      account: 'T1DC2JH3J',
    }),
  );
});

test('an event is known by its event_id; its account is who installed the app, else its team', async () => {
  const event = { team_id: 'T_OTHER', event: { type: 'message' }, event_id: 'Ev1' };
  const shared = { ...event, authorizations: [{ team_id: 'T_OURS' }] };
  expect(await send(JSON.stringify(shared))).toEqual(
    oneEvent({ dedupeKey: 'Ev1', eventType: 'message', account: 'T_OURS' }),
  );
  expect(await send(JSON.stringify(event))).toEqual(oneEvent({ account: 'T_OTHER' }));
});

/** https://api.slack.com/enterprise/apps/reference, https://docs.slack.dev/apis/events-api */
const organizations: [what: string, body: string][] = [
  [
    'an event',
    JSON.stringify({
      team_id: 'T1',
      event: { type: 'message' },
      authorizations: [{ enterprise_id: 'E1', team_id: 'T1', is_enterprise_install: true }],
    }),
  ],
  [
    'an event that names no team',
    JSON.stringify({
      team_id: 'T1',
      authorizations: [{ enterprise_id: 'E1', is_enterprise_install: true }],
    }),
  ],
  [
    'an interaction',
    `payload=${encodeURIComponent(
      JSON.stringify({
        type: 'shortcut',
        team: { id: 'T1' },
        enterprise: { id: 'E1' },
        is_enterprise_install: true,
      }),
    )}`,
  ],
  [
    'an interaction outside of any team',
    `payload=${encodeURIComponent('{"team":null,"enterprise":{"id":"E1"}}')}`,
  ],
  ['a command', `${command}&enterprise_id=E1&is_enterprise_install=true`],
];

test.each(organizations)(
  'S17 what an organization has installed is the organization’s: %s',
  async (_, body) => {
    expect(await send(body)).toEqual(oneEvent({ account: 'E1' }));
  },
);

test('S17 what a workspace of an organization has installed is the workspace’s', async () => {
  const ours = { enterprise_id: 'E1', team_id: 'T1', is_enterprise_install: false };
  expect(await send(JSON.stringify({ team_id: 'T2', authorizations: [ours] }))).toEqual(
    oneEvent({ account: 'T1' }),
  );
  expect(await send(`${command}&enterprise_id=E1&is_enterprise_install=false`)).toEqual(
    oneEvent({ account: 'T1DC2JH3J' }),
  );
});

test('an interaction is a form with JSON in it, and is kept as it came', async () => {
  const payload = encodeURIComponent('{"type":"block_actions","team":{"id":"T1"}}');
  expect(await send(`payload=${payload}`)).toEqual(
    oneEvent({
      body: Buffer.from(`payload=${payload}`),
      eventType: 'block_actions',
      account: 'T1',
    }),
  );
});

test.each(['payload=%7Bnot+json', 'payload=', '=&&=', '%', 'a', ''])(
  'a form that says nothing is one event: %j',
  async (body) => {
    expect(await send(body)).toEqual(
      oneEvent({ body: Buffer.from(body), eventType: null, account: null }),
    );
  },
);

const question = '{"token":"x","challenge":"3eZbrw1a<b>","type":"url_verification"}';

test('S18 url_verification is answered with its challenge, as plain text', async () => {
  expect(await send(question)).toEqual({
    ok: true,
    declaration: expect.anything() as unknown,
    handshake: { status: 200, contentType: 'text/plain; charset=utf-8', body: '3eZbrw1a<b>' },
    events: [],
  });
});

test('S18 refused with a bad signature or an old time', async () => {
  expect(await send(question, '1614265330', nowMs, 'other')).toEqual({
    ok: false,
    reason: 'wrong_signature',
  });
  expect(await send(question, '1614265330', nowMs + 301_000)).toEqual({
    ok: false,
    reason: 'stale_timestamp',
  });
});

test.each([
  '{"type":"url_verification"}',
  '{"type":"url_verification","challenge":["x"]}',
  '{"type":"event_callback","challenge":"x"}',
])('S18 what asks no question is an event: %s', async (body) => {
  expect(await send(body)).toEqual(oneEvent({ body: Buffer.from(body) }));
});

test('S18 ssl_check is answered and not kept', async () => {
  expect(await send('ssl_check=1&token=x')).toMatchObject({
    handshake: { status: 200, body: '' },
    events: [],
  });
});
