import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Releases } from '../src/dev/process/releases';
import { startChild } from './child';
import type { BenchGateway, Integration } from './gateway';
import type { PlainSettings } from './servers/plain';

export const letters = ['A', 'B', 'C', 'D'] as const;
export type Letter = (typeof letters)[number];

/** One of those that are compared. */
export interface System {
  letter: Letter;
  name: string;
  target: Integration;
  /** What every answer has to say. */
  outcome: string;
  /** Of its server. */
  pid: number;
  /** Null where nothing is stored. */
  table: Table | null;
}

/** Where a system's webhooks are. */
export interface Table {
  count(): Promise<number>;
  /** Every measurement begins with an empty table, behind a checkpoint. */
  empty(): Promise<void>;
}

export interface SystemsOptions {
  gateway: BenchGateway;
  databaseUrl: string;
  plainDatabaseUrl: string;
  releases: Releases;
}

export async function startSystems(options: SystemsOptions): Promise<System[]> {
  const { gateway, releases } = options;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const integrationId = 'int_plain';
  const plain: PlainSettings = { databaseUrl: options.plainDatabaseUrl, integrationId, secret };
  const start = async (file: string, settings: object) => {
    const child = startChild(file);
    releases.add('', () => child.stop());
    const url = String(await child.ask(settings));
    const target = { id: integrationId, url: `${url}/webhooks/${integrationId}`, secret };
    return { pid: child.pid, target, outcome: 'accepted' };
  };
  const bare = await start('servers/bare.js', {});
  const stored = await start('servers/plain.js', plain);
  const plainTable = await openTable(options.plainDatabaseUrl, 'webhooks', releases);
  const inbox = await openTable(options.databaseUrl, 'deliveries', releases);
  return [
    { letter: 'A', name: 'Fastify alone', ...bare, table: null },
    { letter: 'B', name: 'plain', ...stored, table: plainTable },
    {
      ...{ letter: 'C', name: 'Holdfast, ENABLED', outcome: 'accepted' },
      ...{ target: await gateway.create('ENABLED'), pid: gateway.pid, table: inbox },
    },
    {
      ...{ letter: 'D', name: 'Holdfast, ERROR', outcome: 'parked' },
      ...{ target: await gateway.create('ERROR'), pid: gateway.pid, table: inbox },
    },
  ];
}

async function openTable(databaseUrl: string, name: string, releases: Releases): Promise<Table> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  releases.add('', () => client.end());
  return {
    count: async () => {
      const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
      return Number(rows[0]?.count);
    },
    empty: async () => {
      await client.query(`TRUNCATE ${name} CASCADE`);
      await client.query('CHECKPOINT');
    },
  };
}
