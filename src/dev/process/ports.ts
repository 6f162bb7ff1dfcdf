import { createServer } from 'node:net';
import { StartError } from '../start-error';
import { waitUntil } from './wait-until';

export interface WantedPort {
  /** What is to listen there. */
  what: string;
  host: string;
  port: number;
  /** The setting that names another one. */
  variable: string;
}

/** How long an earlier stack may take to let go of its ports. */
const patienceMs = 3_000;

/** @throws StartError with a line for each port that is taken, or stands there twice */
export async function checkPorts(wanted: readonly WantedPort[]): Promise<void> {
  const problems = doubles(wanted);
  const answers = await Promise.all(
    wanted.map((port) =>
      waitUntil(() => tryPort(port), { timeoutMs: patienceMs, everyMs: 200 }).then(
        () => undefined,
        (error: unknown) => describe(port, error as NodeJS.ErrnoException),
      ),
    ),
  );
  problems.push(...answers.filter((answer) => answer !== undefined));
  if (problems.length > 0) throw new StartError(problems.join('\n'));
}

function doubles(wanted: readonly WantedPort[]): string[] {
  return wanted.flatMap(({ port, variable }, index) => {
    const earlier = wanted.slice(0, index).find((other) => other.port === port);
    return earlier === undefined
      ? []
      : [`Port ${port} stands in both ${earlier.variable} and ${variable}: change one.`];
  });
}

/** @throws NodeJS.ErrnoException where nobody can listen there now, such as `EADDRINUSE` */
export function tryPort({ host, port }: Pick<WantedPort, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

function describe(wanted: WantedPort, error: NodeJS.ErrnoException): string {
  const { what, host, port, variable } = wanted;
  const reason =
    error.code === 'EADDRINUSE'
      ? 'is taken by another process'
      : error.code === 'EACCES'
        ? 'may not be used by this user'
        : `can't be used (${error.code ?? error.message})`;
  return `Port ${port} on ${host} (${what}) ${reason}. Free it, or set ${variable} to another port.`;
}
