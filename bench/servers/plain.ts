import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { fastify, type FastifyRequest } from 'fastify';
import pg from 'pg';
import { answerParent } from '../child';

/** B: what one would write first. Verifies, stores each webhook with a statement of its own, answers 202. */
export interface PlainSettings {
  databaseUrl: string;
  integrationId: string;
  /** `whsec_…` */
  secret: string;
}

const createTable = `
  CREATE TABLE webhooks (
    id text PRIMARY KEY,
    integration_id text NOT NULL,
    webhook_id text NOT NULL,
    event_type text,
    headers text NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (integration_id, webhook_id)
  )`;
const insert = `
  INSERT INTO webhooks (id, integration_id, webhook_id, event_type, headers, body)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (integration_id, webhook_id) DO NOTHING`;

const toleranceSeconds = 300;

function isGenuine({ headers }: FastifyRequest, body: Buffer, key: Buffer): boolean {
  const timestamp = String(headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < toleranceSeconds)) return false;
  const expected = createHmac('sha256', key)
    .update(`${String(headers['webhook-id'])}.${timestamp}.`)
    .update(body)
    .digest();
  const given = Buffer.from(String(headers['webhook-signature']).replace('v1,', ''), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function start({ databaseUrl, integrationId, secret }: PlainSettings): Promise<string> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
  await pool.query(createTable);
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));

  app.post<{ Params: { id: string }; Body: Buffer }>('/webhooks/:id', async (request, reply) => {
    const { params, headers, body } = request;
    if (params.id !== integrationId) return reply.code(404).send({ outcome: 'unknown' });
    if (!isGenuine(request, body, key)) return reply.code(401).send({ outcome: 'refused' });
    const { type } = JSON.parse(body.toString()) as { type: string };
    const id = randomUUID();
    const { rowCount } = await pool.query({
      name: 'insert',
      text: insert,
      values: [id, params.id, headers['webhook-id'], type, JSON.stringify(headers), body],
    });
    return reply.code(202).send({ id, outcome: rowCount === 1 ? 'accepted' : 'duplicate' });
  });
  return app.listen({ host: '127.0.0.1', port: 0 });
}

answerParent((message) => start(message as PlainSettings));
