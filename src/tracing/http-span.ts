import { SpanKind } from '@opentelemetry/api';
import type { SpanEnd, SpanStart } from './in-span';

/**
 * A request of ours, by OpenTelemetry's conventions for HTTP but for `url.full`: a path may hold a secret as well as a query.
 * @param to what it is for, a word of few
 */
export function requestSpan(method: string, to: string, url?: string | URL): SpanStart {
  return {
    name: `${method} ${to}`,
    kind: SpanKind.CLIENT,
    attributes: { 'http.request.method': method, ...(url === undefined ? {} : serverOf(url)) },
  };
}

const usualPorts: Record<string, number> = { 'http:': 80, 'https:': 443 };

/** Where it went, as far as it may be told. */
export function serverOf(address: string | URL): SpanStart['attributes'] {
  if (!URL.canParse(String(address))) return {};
  const { protocol, hostname, port } = new URL(address);
  return {
    'url.scheme': protocol.slice(0, -1),
    'server.address': hostname.replaceAll(/^\[|\]$/g, ''),
    ...(port === '' ? withPort(usualPorts[protocol]) : withPort(Number(port))),
  };
}

const withPort = (port: number | undefined) => (port === undefined ? {} : { 'server.port': port });

/** @param status HTTP status; to whoever asked any from 400 on is an error */
export function answered(status: number): SpanEnd {
  return {
    attributes: { 'http.response.status_code': status },
    error: status < 400 ? undefined : { type: String(status) },
  };
}
