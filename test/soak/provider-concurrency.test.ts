import { randomUUID } from 'node:crypto';
import { workflowIds } from '../../workflows/contract/ids';
import { stored } from '../../workflows/contract/messages';
import { eventually } from '../support/eventually';
import { answerGrant } from '../support/doubles/answer-grant';
import { type OAuthServer, startOAuthServer } from '../support/doubles/oauth-server';
import { startSystem, type System } from '../support/scenes/system';
import type { IntegrationBody } from '../support/scenes/scene';

const patient = { timeoutMs: 60_000, everyMs: 200 };

let slow: OAuthServer;
let quick: OAuthServer;
let system: System;
beforeAll(async () => {
  slow = await startOAuthServer();
  quick = await startOAuthServer();
  const providers = { slow: slow.declaration, quick: quick.declaration };
  system = await startSystem({ configuration: { providers } });
}, 60_000);
afterAll(async () => {
  // What hangs is answered, so that the worker doesn't wait for it.
  await slow.close();
  await system.close();
  await quick.close();
});

async function connect(provider: string, server: OAuthServer) {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const { status, body } = await system.api<IntegrationBody>('POST', '/v1/integrations', {
    ...{ userId: 'user-1', name: randomUUID(), provider },
    credentials: { main: { ...server.grant(), expiresAt } },
    destination: { url: 'http://127.0.0.1:9/' },
  });
  expect(status).toBe(201);
  return body;
}

/** Lets the time of a provider's credentials come. */
async function due(provider: string, inMs: number) {
  const { rows } = await system.pool.query<{ id: string }>(
    `UPDATE credentials SET refresh_at = now() + $2 * interval '1 millisecond'
     WHERE provider = $1 RETURNING id`,
    [provider, inMs],
  );
  await Promise.all(
    rows.map(({ id }) =>
      system.temporal.workflow
        .getHandle(workflowIds.credential(id))
        .signal(stored, { version: 1, why: 'due' }),
    ),
  );
}

test('S30 sixty refreshes of one user at a provider that hangs keep no other provider waiting', async () => {
  const at = { hanging: 0, ended: 0 };
  slow.behave((answer) => {
    at.hanging++;
    answer.on('close', () => {
      at.hanging--;
      at.ended++;
    });
  });
  for (let index = 0; index < 60; index++) await connect('slow', slow);
  const { id } = await connect('quick', quick);
  await eventually(async () => {
    const running = system.temporal.workflow.count('WorkflowType = "credential"');
    expect((await running).count).toBe(61);
  }, patient);
  await due('slow', 10_000);
  await eventually(() => expect(at.hanging).toBe(16), patient);

  const before = at.ended;
  const path = `/v1/integrations/${id}/token/reject`;
  expect(await system.api('POST', path, { version: 1 })).toMatchObject({
    ...{ status: 200, body: { version: 2 } },
  });
  expect(at).toEqual({ hanging: 16, ended: before });

  slow.behave((answer, rotate) => answerGrant(answer, rotate()));
  await eventually(async () => {
    const { rowCount } = await system.pool.query(
      `SELECT FROM credentials WHERE provider = 'slow' AND version = 2`,
    );
    expect(rowCount).toBeGreaterThanOrEqual(16);
  }, patient);
}, 240_000);
