import { eventually } from '../eventually';
import { freePort } from './free-port';
import type { HoldfastProcess, ProcessStarter } from './processes';

interface RunningGateway {
  process: HoldfastProcess;
  url: string;
}

/** Gateways in processes of their own, each at a port of its own, once they are ready. */
export async function startGateways(
  processes: ProcessStarter,
  count: number,
  env: Record<string, string> = {},
): Promise<RunningGateway[]> {
  const gateways = await Promise.all(
    Array.from({ length: count }, async () => {
      const port = await freePort();
      const process = processes.start('gateway', { ...env, PORT: String(port) });
      return { process, url: `http://127.0.0.1:${port}` };
    }),
  );
  for (const { url, process } of gateways) {
    await eventually(
      async () => {
        const answer = await fetch(`${url}/readyz`).catch(() => null);
        if (answer?.status !== 200)
          throw new Error(`the gateway is not ready: ${process.output()}`);
      },
      { timeoutMs: 60_000, everyMs: 100 },
    );
  }
  return gateways;
}
