import path from 'node:path';
import type { Progress } from '../../../src/dev/progress';
import { findTemporal } from '../../../src/dev/temporal/binary';
import { startTemporalServer } from '../../../src/dev/temporal/server';
import { searchAttributes } from '../../../workflows/contract/ids';
import { freePort } from '../processes/free-port';
import { binaryVariable } from './own-temporal';
import type { Stoppable } from './servers';
import { addressVariable, namespaceNames, namespacesVariable, portsVariable } from './temporal';

/** Some files take many namespaces, most of them one; each costs the server something at its start. */
const namespacesOf = (files: number) => Math.min(240, 60 + files);

let found: Promise<string> | undefined;

/** Where it isn't there yet it is downloaded or built, once for this machine. */
export function temporalBinaryForTests(progress: Progress): Promise<string> {
  found ??= findTemporal({ progress, searchPath: process.env['PATH'] }).then(({ binary }) => {
    process.env[binaryVariable] = binary;
    return binary;
  });
  return found;
}

export async function temporalForTests(
  dir: string,
  files: number,
  progress: Progress,
): Promise<Stoppable> {
  process.env[namespacesVariable] = String(namespacesOf(files));
  const server = await startTemporalServer({
    binary: await temporalBinaryForTests(progress),
    port: await freePort(),
    namespaces: namespaceNames(),
    searchAttributes: Object.values(searchAttributes).map(
      ({ name, type }) => `${name}=${type === 'DATETIME' ? 'Datetime' : 'Keyword'}`,
    ),
    // Tests ask for lists far more often than people do.
    dynamicConfig: ['frontend.namespaceRPS.visibility=200'],
    logFile: path.join(dir, 'temporal.log'),
  });
  process.env[addressVariable] = server.address;
  process.env[portsVariable] = server.ports.join();
  return server;
}
