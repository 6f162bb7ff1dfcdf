import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { freePorts } from '../process/free-ports';
import { checkPorts, tryPort } from '../process/ports';
import { waitUntil } from '../process/wait-until';

const names = [
  ...['proxy', 'gateway', 'gateway2', 'gatewayMetrics', 'gateway2Metrics', 'worker1', 'worker2'],
  ...['holdfastPostgres', 'temporalPostgres', 'temporal', 'temporalHttp'],
  ...['frontendMembers', 'history', 'historyMembers', 'matching', 'matchingMembers'],
  ...['internalWorker', 'internalWorkerMembers'],
] as const;

export type StackPorts = Record<(typeof names)[number], number>;

const host = '127.0.0.1';
const schema = Type.Record(Type.String(), Type.Integer({ minimum: 1, maximum: 65_535 }));

/**
 * The ports of the last time, so that what was registered at providers goes on working; others where one of them is taken.
 * @param file where they are kept
 * @param proxy the one that the person asks for
 * @throws StartError where that one is taken
 */
export async function stackPorts(file: string, proxy?: number): Promise<StackPorts> {
  const asked = proxy === undefined ? {} : { proxy };
  if (proxy !== undefined)
    await checkPorts([{ what: 'the proxy', host, port: proxy, variable: '--port' }]);
  const kept = read(file);
  const wanted = kept && { ...kept, ...asked };
  const ports =
    wanted !== undefined && (await allFree(Object.values(wanted)))
      ? wanted
      : { ...(await chooseAnew(proxy)), ...asked };
  writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

/** A process that has no command line any more still has its ports while its memory is given back. */
const patience = { timeoutMs: 3_000, everyMs: 100 };

async function allFree(ports: readonly number[]): Promise<boolean> {
  if (new Set(ports).size < ports.length) return false;
  const tries = ports.map((port) => waitUntil(() => tryPort({ host, port }), patience));
  return (await Promise.allSettled(tries)).every(({ status }) => status === 'fulfilled');
}

async function chooseAnew(except: number | undefined): Promise<StackPorts> {
  const chosen = (await freePorts(names.length + 1)).filter((port) => port !== except);
  return Object.fromEntries(names.map((name, at) => [name, chosen[at]])) as StackPorts;
}

function read(file: string): StackPorts | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (Value.Check(schema, content) && names.every((name) => name in content))
      return content as StackPorts;
  } catch {
    // Half a file of a stack that was killed: others are chosen.
  }
  return undefined;
}
