import type { GatewayConfig } from './deps';

/** Whether a person may be sent there: pages of Holdfast, and of the origins that the settings list. */
export function isAllowedReturn(
  address: string,
  { publicUrl, allowedOrigins }: Pick<GatewayConfig, 'publicUrl' | 'allowedOrigins'>,
): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, protocol, username, password } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  if (username !== '' || password !== '') return false;
  return [publicUrl, ...allowedOrigins].some((allowed) => new URL(allowed).origin === origin);
}
