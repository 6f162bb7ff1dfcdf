import { isIP } from 'node:net';

const loopbackName = /(^|\.)localhost\.?$/;

/**
 * The addresses that a host, as `URL.hostname` has it, stands for without asking anybody: it is one, or it
 * is a name of this machine (RFC 6761). Undefined where a name has to be looked up. `URL` has by then
 * written out whatever else systems take for an address: `0x7f.1`, `2130706433`, `127.0.0.1.`.
 */
export function literalAddresses(hostname: string): readonly string[] | undefined {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0) return [host];
  return loopbackName.test(host) ? ['127.0.0.1', '::1'] : undefined;
}
