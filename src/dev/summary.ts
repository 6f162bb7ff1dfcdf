import path from 'node:path';
import type { Config } from '../config';
import type { LoadedFile } from '../config/load-file';
import { createShowUser } from '../temporal/shown-user';
import { redirectUri } from '../gateway/pages/connect/authorization';
import type { HoldfastConfiguration } from '../providers/provider';
import { listLink, lists, uiPlaceOf, userLink } from '../temporal/ui-links';
import type { DataDir } from './data-dir';

interface Started {
  /** The `temporal` command, where its server was started here. */
  temporalBinary: string | undefined;
  playgroundUrl: string;
  /** Of its health and metrics. */
  workerUrl: string;
  madeApiKey: boolean;
  configurationFile: Pick<LoadedFile, 'found' | 'looked'>;
  configuration: HoldfastConfiguration;
}

/** Where everything is, a line each; no password among it. */
export function summary(config: Config, paths: DataDir, own: Started): string[] {
  const ui = uiPlaceOf(config);
  const user = createShowUser(config)('user-1');
  const rows: [string, string | undefined][] = [
    ['Gateway', config.publicUrl],
    ['Worker', `${own.workerUrl}/readyz, and what it measures at ${own.workerUrl}/metrics`],
    ['Playground', `${own.playgroundUrl} (connect, send, revoke, reconnect)`],
    ['API key', own.madeApiKey ? `in ${paths.apiKey}` : 'as in HOLDFAST_API_KEYS'],
    [
      'Postgres',
      config.databaseUrl === undefined ? undefined : withoutPassword(config.databaseUrl),
    ],
    ['Temporal', config.temporalAddress],
    ['Temporal UI', config.temporalUiUrl],
    ['broken ones', ui === null ? undefined : listLink(ui, lists.broken)],
    ["one user's", (ui === null ? null : userLink(ui, user)) ?? undefined],
    [
      'Command',
      own.temporalBinary === undefined
        ? undefined
        : `${own.temporalBinary} ("npx holdfast temporal …" runs it at this server)`,
    ],
    ['Data', paths.root],
    ['Settings', configurationFile(own.configurationFile)],
    ...providers(config.publicUrl, own.configuration),
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(12)} ${value}`],
  );
}

function configurationFile({ found, looked }: Started['configurationFile']): string {
  if (found !== undefined) return found;
  const names = looked.map((file) => path.basename(file)).join(', ');
  return `no ${names} in ${path.dirname(looked[0] ?? '.')}`;
}

/** Each provider, and the redirect address that has to be registered there. */
function providers(publicUrl: string, { providers = {} }: HoldfastConfiguration) {
  return Object.entries(providers).map(([name, { oauth }], at): [string, string] => {
    const text =
      oauth === undefined ? 'webhooks only' : `redirects to ${redirectUri(publicUrl, name)}`;
    return [at === 0 ? 'Providers' : '', `${name}: ${text}`];
  });
}

export function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  // libpq takes a password as a parameter, too.
  shown.searchParams.delete('password');
  return shown.href;
}
