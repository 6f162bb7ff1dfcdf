import type { GatewayConfig } from '../deps';
import { basePath, withoutBase } from './own-path';

/** A scheme, and a host that is written as it is: no name before an @, no backslash, nothing encoded or look-alike. */
const plainAddress = /^https?:\/\/[a-z0-9.:[\]-]+(?:[/?#]|$)/i;

/** What browsers drop wherever it stands (WHATWG URL, 4.4), so that a filter and they read different addresses. */
const dropped = /[\u0000-\u001f\u007f]/;

/**
 * Where a person may be sent: to pages of Holdfast itself, and of the origins that the settings list. Another port or
 * scheme is another origin, and another path of its own host is somebody else's.
 * @returns the address as every browser reads it; undefined where nobody is sent
 */
export function allowedReturn(
  address: string | null,
  { publicUrl, allowedOrigins }: Pick<GatewayConfig, 'publicUrl' | 'allowedOrigins'>,
): string | undefined {
  const listed = returnToApplication(address, { allowedOrigins });
  if (listed !== undefined) return listed;
  const read = readAddress(address);
  return read !== undefined && isOwn(publicUrl, read) ? read.href : undefined;
}

/** The same without Holdfast's own pages: the code of a confirmation is for the application alone. */
export function returnToApplication(
  address: string | null,
  { allowedOrigins }: Pick<GatewayConfig, 'allowedOrigins'>,
): string | undefined {
  const read = readAddress(address);
  return allowedOrigins.some((one) => new URL(one).origin === read?.origin)
    ? read?.href
    : undefined;
}

function readAddress(address: string | null): URL | undefined {
  if (address === null || dropped.test(address) || !plainAddress.test(address)) return undefined;
  return URL.canParse(address) ? new URL(address) : undefined;
}

/** What some proxies read as another path: encoded dots and slashes, `..;`. */
const ambiguous = /[%;]|\/\//;

function isOwn(publicUrl: string, { origin, pathname }: { origin: string; pathname: string }) {
  if (origin !== new URL(publicUrl).origin) return false;
  const base = basePath({ publicUrl });
  if (base === '') return true;
  return withoutBase(base, pathname) !== pathname && !ambiguous.test(pathname);
}
