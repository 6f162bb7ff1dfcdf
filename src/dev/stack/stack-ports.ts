import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { freePorts } from '../process/free-ports';
import { tryPort } from '../process/ports';

const names = [
  ...['proxy', 'gateway', 'gateway2', 'gatewayMetrics', 'gateway2Metrics', 'worker1', 'worker2'],
  ...['holdfastPostgres', 'temporalPostgres', 'temporal', 'temporalHttp'],
  ...['frontendMembers', 'history', 'historyMembers', 'matching', 'matchingMembers'],
  ...['internalWorker', 'internalWorkerMembers'],
] as const;

export type StackPorts = Record<(typeof names)[number], number>;

const schema = Type.Record(Type.String(), Type.Integer({ minimum: 1, maximum: 65_535 }));

/**
 * The ports of the last time, so that what was registered at providers goes on working; others where one of them is taken.
 * @param file where they are kept
 * @param proxy the one that the person asks for
 */
export async function stackPorts(file: string, proxy?: number): Promise<StackPorts> {
  const kept = read(file);
  const free =
    kept !== undefined && (await allFree(Object.values(kept))) ? kept : await chooseAnew();
  const ports = { ...free, ...(proxy === undefined ? {} : { proxy }) };
  writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

/** As long as the connections of an earlier stack may take to go. */
async function allFree(ports: readonly number[]): Promise<boolean> {
  const tries = ports.map((port) => tryPort({ host: '127.0.0.1', port }));
  return (await Promise.allSettled(tries)).every(({ status }) => status === 'fulfilled');
}

async function chooseAnew(): Promise<StackPorts> {
  const chosen = await freePorts(names.length);
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
