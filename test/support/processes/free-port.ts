import { freePorts } from '../../../src/dev/process/free-ports';

/** More than Jest has processes: each takes one port in eight, so that two of them never get the same. */
const turns = 8;
const own = Number(process.env['JEST_WORKER_ID'] ?? 0) % turns;
/** Some are listened at long after they were asked for: until then they look free. */
const given = new Set<number>();

/**
 * A port on loopback that nobody listens at, never the same twice; one of many, so that two suites hardly ever get the
 * same.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const ports = await freePorts(turns);
    const port = ports.find((one) => one % turns === own && !given.has(one));
    if (port === undefined) continue;
    given.add(port);
    return port;
  }
}
