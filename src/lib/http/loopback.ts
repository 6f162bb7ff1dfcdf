import { isIP } from 'node:net';

/**
 * Whether a host, as `URL.hostname` has it, is this machine (RFC 5735, RFC 4291, RFC 6761). Only
 * there may an address be plain http.
 */
export function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') {
    return true;
  }
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}
