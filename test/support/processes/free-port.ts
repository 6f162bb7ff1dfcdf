import { freePorts } from '../../../src/dev/process/free-ports';

/** A port on loopback that nobody listens at; one of many, so that two callers hardly ever get the same. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
