import type { Config } from '../config';
import type { DataDir } from './data-dir';

/** Where everything is, a line each; no password among it. */
export function summary(
  config: Config,
  paths: DataDir,
  own: { temporal: boolean; playgroundUrl: string; madeApiKey: boolean },
): string[] {
  const rows: [string, string | undefined][] = [
    ['Gateway', config.publicUrl],
    ['Playground', `${own.playgroundUrl} (connect, send, revoke, reconnect)`],
    ['API key', own.madeApiKey ? `in ${paths.apiKey}` : 'as in HOLDFAST_API_KEYS'],
    [
      'Postgres',
      config.databaseUrl === undefined ? undefined : withoutPassword(config.databaseUrl),
    ],
    ['Temporal', config.temporalAddress],
    ['Temporal UI', own.temporal ? `http://localhost:${config.temporalUiPort}` : undefined],
    ['Data', paths.root],
  ];
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(12)} ${value}`],
  );
}

export function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  // libpq takes a password as a parameter, too.
  shown.searchParams.delete('password');
  return shown.href;
}
