import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEnvelope } from '../../../src/crypto/envelope';
import { createLookup, type Names, usualNames } from '../../../src/destinations/look-up-names';
import { newId } from '../../../src/lib/ids';
import type { Handler } from '../../../src/providers/provider';
import { createActors } from '../../../src/temporal/actors';
import { signalPaced } from '../../../src/temporal/paced-signals';
import { startNameServer } from '../doubles/name-server';
import { markProvider } from '../recorder/server-roles';
import { insertIntegrations } from './rows';
import { type IntegrationBody, type Scene, startScene } from './scene';

export const drainKinds = ['ordered', 'unordered', 'handler', 'token', 'dns'] as const;
export type DrainKind = (typeof drainKinds)[number];

/** Whose integrations they are, and where they go: one never answers, the other one just before its drain would hang. */
export type HangingWay = 'hang' | 'slow';
const slowMs = 1_600;

/** Destination and API in one: it never answers what is below `/hang`. */
export interface HangingServer {
  url: string;
  /** How many requests were unanswered at once, since it forgot. */
  most(): number;
  forget(): void;
  /** Breaks off what it has not answered. */
  endAll(): void;
  close(): void;
}

async function startHangingServer(): Promise<HangingServer> {
  /** Those that are unanswered, but for what was before the last time that it forgot. */
  let open = new Set<object>();
  let most = 0;
  const server = createServer((request, answer) => {
    request.resume();
    if (request.url?.startsWith('/hang') === true) {
      const counted = open.add(answer);
      most = Math.max(most, counted.size);
      answer.once('close', () => counted.delete(answer));
    } else {
      const isSlow = request.url?.startsWith('/slow') === true;
      const end = () => answer.writeHead(204).end();
      request.on('end', () => (isSlow ? setTimeout(end, slowMs) : end()));
    }
  });
  markProvider(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    most: () => most,
    forget: () => {
      open = new Set();
      most = 0;
    },
    endAll: () => server.closeAllConnections(),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A scene with a user whose integrations all hang, and others whose don't, at the same server. */
export interface HangingScene extends Scene {
  hanging: HangingServer;
  /** Names of `hangingName` hang; all others lead to this machine. */
  names: Names;
  /** Integrations of one user whose deliveries hang; they begin at once. */
  insertHanging(
    kind: DrainKind,
    count: number,
    deliveries?: number,
    way?: HangingWay,
  ): Promise<string[]>;
  /** Signals their actors, some at a time. */
  wake(ids: readonly string[]): Promise<unknown>;
  connectHealthy(kind: DrainKind, userId?: string): Promise<IntegrationBody>;
  /** Milliseconds from each webhook to its being handled. */
  handledWithin(id: string, sentAt: ReadonlyMap<string, number>): Promise<number[]>;
  /** Lets nothing of theirs be tried any more. */
  endHanging(ids: readonly string[]): Promise<void>;
}

const hangingName = /^silent/;

type Options = Omit<NonNullable<Parameters<typeof startScene>[0]>, 'handlers' | 'names'>;

export async function startHangingScene(options: Options = {}): Promise<HangingScene> {
  const hanging = await startHangingServer();
  const nameServer = await startNameServer(
    () => '127.0.0.1',
    (name) => hangingName.test(name),
  );
  const names = { ...usualNames, lookup: createLookup({ nameServers: [nameServer.address] }) };
  const ours: Handler = async ({ userId }, ctx) => {
    const path = userId.startsWith('user of ') ? userId.slice('user of '.length) : 'quick';
    const { status } = await ctx.fetch(`${hanging.url}/${path}`);
    if (status !== 204) throw new Error(`answered ${status}`);
  };
  const scene = await startScene({
    ...options,
    names,
    handlers: { ours },
    alike: {
      calling: (declaration) => ({
        ...declaration,
        ...(declaration.oauth === undefined
          ? {}
          : { oauth: { ...declaration.oauth, apiOrigins: [hanging.url] } }),
      }),
    },
  });
  const { pool, config, temporal } = scene.system;
  const envelope = createEnvelope(config.keys);
  const actors = createActors(temporal);

  const urlOf = (kind: DrainKind, path: string) => {
    const url = new URL(`/${path}`, hanging.url);
    if (kind === 'dns') url.hostname = 'app.test';
    return url.href;
  };
  const fieldsOf = (kind: DrainKind, path: string) => ({
    provider: 'calling',
    ...(kind === 'handler'
      ? { handler: 'ours', destination: undefined }
      : { destination: { url: urlOf(kind, path) } }),
    ...(kind === 'unordered' ? { handling: { order: 'none', concurrency: 20 } } : {}),
  });

  return {
    ...scene,
    hanging,
    names,
    wake: (ids) => signalPaced(ids, (id) => actors.lookAtIntegration(id, 'due')),
    connectHealthy: (kind, userId = 'healthy') =>
      scene.connect({ userId, fields: fieldsOf(kind, 'quick') }),
    insertHanging: async (kind, count, deliveries = 1, way = 'hang') => {
      const userId = `user of ${way}`;
      const { credentials } = await scene.connect({
        userId,
        ...(kind === 'token' ? { expiresInMs: -1_000 } : {}),
        fields: fieldsOf(kind, way),
      });
      const ids = await insertIntegrations(pool, count, {
        ...{ user_id: userId, provider: 'calling' },
        handler: kind === 'handler' ? 'ours' : 'forward',
        handling_order: kind === 'unordered' ? 'none' : 'strict',
        handling_concurrency: 20,
        destination_url: kind === 'handler' ? null : urlOf(kind, way),
      });
      if (kind === 'dns') {
        await pool.query(
          `UPDATE integrations SET destination_url = 'http://silent' || md5(id) || '.test/hang'
           WHERE id = ANY ($1::text[])`,
          [ids],
        );
      }
      await pool.query(
        `INSERT INTO integration_credentials (integration_id, name, credential_id)
         SELECT unnest($1::text[]), 'main', $2`,
        [ids, credentials[0]?.id],
      );
      const secrets = ids.map(() => newId('sec'));
      await pool.query(
        `INSERT INTO integration_secrets (integration_id, purpose, id, secret)
         SELECT i, 'destination', s, x FROM unnest($1::text[], $2::text[], $3::bytea[]) AS made (i, s, x)`,
        [
          ids,
          secrets,
          secrets.map((id) => envelope.seal(someSecret, `integration_secrets.secret:${id}`)),
        ],
      );
      await pool.query(
        `INSERT INTO deliveries (id, integration_id, claim, outcome, state, dedupe_hash, headers, body)
         SELECT 'dlv_' || gen_random_uuid(), i, 'claim', 'accepted', 'pending',
                sha256(gen_random_uuid()::text::bytea), '[]', '{}'
         FROM unnest($1::text[]) AS i, generate_series(1, $2::int)`,
        [ids, deliveries],
      );
      return ids;
    },
    handledWithin: async (id, sentAt) => {
      const { rows } = await pool.query<{ id: string; at: Date | null }>(
        'SELECT id, handled_at AS at FROM deliveries WHERE integration_id = $1',
        [id],
      );
      return rows.map((row) => {
        if (row.at === null) throw new Error(`${row.id} is not handled`);
        return row.at.getTime() - (sentAt.get(row.id) ?? NaN);
      });
    },
    endHanging: async (ids) => {
      await pool.query(
        `UPDATE deliveries SET state = 'failed', ended_at = now()
         WHERE integration_id = ANY ($1::text[]) AND state = 'pending'`,
        [ids],
      );
    },
    close: async () => {
      hanging.close();
      await scene.close();
      nameServer.close();
    },
  };
}

const someSecret = `whsec_${Buffer.alloc(24, 'nobody looks at it').toString('base64')}`;
