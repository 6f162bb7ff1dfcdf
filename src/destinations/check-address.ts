import { createObjections, portOf, type ConnectionRules, type Objection } from './connection-rules';
import { ofThisMachine } from './connector';
import { literalAddresses } from './ip-address';
import { lookupAll } from './locate-own-servers';
import { type Names, usualNames } from './look-up-names';

/**
 * Why an address would not be connected to, if it were now; undefined also where its name can't be looked up. To tell
 * somebody early, not to rely on: each connection decides for itself.
 */
export async function checkAddress(
  url: URL,
  rules: ConnectionRules,
  names: Names = usualNames,
): Promise<Objection | undefined> {
  const objections = createObjections(rules, ofThisMachine);
  const { hostname } = url;
  const port = portOf(url);
  const atOnce = objections.toHost(hostname, port);
  if (atOnce !== undefined) return atOnce;
  try {
    const located = await names.locate(rules.ownServers)();
    const addresses =
      literalAddresses(hostname) ??
      (await lookupAll(names.lookup, hostname)).map(({ address }) => address);
    const found = addresses.map((address) => objections.to({ hostname, address, port }, located));
    return found.includes(undefined) ? undefined : found[0];
  } catch {
    return undefined;
  }
}
