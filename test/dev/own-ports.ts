import { freePort } from '../support/processes/free-port';

/** Settings that keep one stack out of another's way. */
export async function ownPorts(): Promise<Record<string, string>> {
  const names = [
    'PORT',
    'HOLDFAST_POSTGRES_PORT',
    'HOLDFAST_TEMPORAL_PORT',
    'HOLDFAST_TEMPORAL_UI_PORT',
    'HOLDFAST_PLAYGROUND_PORT',
  ];
  const ports = await Promise.all(names.map(() => freePort()));
  return Object.fromEntries(names.map((name, index) => [name, String(ports[index])]));
}
