import type { GatewayConfig } from '../deps';

/** A scheme, and a host that is written as it is: no name before an @, no backslash, nothing encoded or look-alike. */
const plainAddress = /^https?:\/\/[a-z0-9.:[\]-]+(?:[/?#]|$)/i;

/** What browsers drop wherever it stands (WHATWG URL, 4.4), so that a filter and they read different addresses. */
const dropped = /[\u0000-\u001f\u007f]/;

/**
 * Where a person may be sent: to pages of Holdfast itself, and of the origins that the settings list. Another port or
 * scheme is another origin.
 * @returns the address as every browser reads it; undefined where nobody is sent
 */
export function allowedReturn(
  address: string | null,
  { publicUrl, allowedOrigins }: Pick<GatewayConfig, 'publicUrl' | 'allowedOrigins'>,
): string | undefined {
  if (address === null || dropped.test(address) || !plainAddress.test(address)) return undefined;
  if (!URL.canParse(address)) return undefined;
  const { href, origin } = new URL(address);
  const isAllowed = [publicUrl, ...allowedOrigins].some((one) => new URL(one).origin === origin);
  return isAllowed ? href : undefined;
}
