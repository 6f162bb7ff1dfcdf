import { randomInt } from 'node:crypto';
import { tryPort } from './ports';

/** Below the ports that a system gives to whoever asks for any: nobody gets one of them by accident. */
const range = [10_000, 30_000] as const;
const mostTries = 50;

/**
 * Ports on loopback that nobody listens at, all different; some of many, so that two callers hardly
 * ever get the same.
 * @throws Error where almost every port is taken
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries++) {
    if (tries === mostTries * count) throw new Error('no port is free');
    const port = randomInt(...range);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return tryPort({ host: '127.0.0.1', port }).then(
    () => true,
    () => false,
  );
}
