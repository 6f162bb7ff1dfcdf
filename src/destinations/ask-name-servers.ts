import { promises, type LookupAddress } from 'node:dns';
import { setTimeout as timeout } from 'node:timers/promises';
import { withFamily } from './ip-address';

/** A name without addresses, or one of which nobody says anything at the moment. */
export class LookupError extends Error {
  constructor(
    readonly code: 'ENOTFOUND' | 'EAI_AGAIN',
    host: string,
  ) {
    super(code === 'ENOTFOUND' ? `no name ${host}` : `no name server answers for ${host}`);
  }
}

/** RFC 8305 section 3 waits 50 ms; some name servers never answer for one of the families. */
const otherFamilyMs = 300;

/**
 * Asks for all addresses of exactly this name; none where there are none. IPv4 first: machines without a route for IPv6
 * are common, and a connection tries the others soon.
 *
 * @param nameServers default: those of the system
 * @param signal calls the requests off
 * @throws LookupError `EAI_AGAIN` where neither family was answered for
 */
export async function askNameServers(
  name: string,
  nameServers: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<LookupAddress[]> {
  // One for each name: all that one of them asks is called off together. It also reads resolv.conf anew.
  const resolver = new promises.Resolver({ timeout: 1_500, tries: 2 });
  if (nameServers !== undefined) resolver.setServers(nameServers);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const asked = [resolver.resolve4(name), resolver.resolve6(name)].map(answered);
    const both = Promise.all(asked);
    const first = await Promise.race(asked);
    const known =
      first === null || first.length === 0
        ? await both
        : await Promise.race([both, timeout(otherFamilyMs, [first], { ref: false })]);
    const found = known.flatMap((answer) => answer ?? []);
    if (found.length === 0 && known.includes(null)) throw new LookupError('EAI_AGAIN', name);
    return found.map(withFamily).sort((a, b) => a.family - b.family);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Null where nobody says; an empty list where there is none. */
async function answered(asked: Promise<string[]>): Promise<string[] | null> {
  try {
    return await asked;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME' ? [] : null;
  }
}
