import { mayCarrySecrets } from '../lib/http/send-once';
import type { Settings } from './settings';

const name = 'HOLDFAST_PUBLIC_URL';

/** Nothing that a proxy, a cookie or a policy could read in two ways. */
const plainPath = /^(\/[A-Za-z0-9._~-]+)*\/*$/;

/**
 * How browsers and providers reach the gateway, without a slash at its end. Plain http beyond this machine has to be
 * asked for: session links, cookies and codes would be anybody's on the way.
 */
export function publicUrl(settings: Settings, port: number): string {
  const given = settings.parsed<URL | undefined>(
    name,
    undefined,
    'an address that begins with https:// or http://, with a host, a path of letters, digits and ._~- if it has one, and nothing else',
    parse,
  );
  const insecure = settings.parsed('HOLDFAST_INSECURE_PUBLIC_URL', 'deny', 'allow, deny', (raw) =>
    raw === 'allow' || raw === 'deny' ? raw : undefined,
  );
  if (given === undefined) return `http://localhost:${port}`;
  if (!mayCarrySecrets(given) && insecure === 'deny') {
    settings.report(
      name,
      'plain http beyond this machine, where everyone on the way reads session links and cookies',
      'an address that begins with https://, or HOLDFAST_INSECURE_PUBLIC_URL=allow',
    );
  }
  return given.origin + given.pathname.replace(/\/+$/, '');
}

function parse(raw: string): URL | undefined {
  // A query or fragment that is empty can't be seen in what is parsed.
  if (!URL.canParse(raw) || /[?#@]/.test(raw)) return undefined;
  const url = new URL(raw);
  return /^https?:$/.test(url.protocol) && plainPath.test(url.pathname) ? url : undefined;
}
