import { ProxyTracerProvider, trace, type Tracer } from '@opentelemetry/api';
import { ownVersion } from '../lib/own-version';

const name = 'holdfast';
let version: string | undefined;

/**
 * What spans begin with, where the operator has brought an SDK (`node --import`); undefined where nobody has, and nothing is traced.
 * An SDK may have registered with a copy of the API of its own, of this one's version or a later one.
 */
export function findTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  // This copy's own stands in for whatever is registered, also where nothing is.
  const isOurs = provider instanceof ProxyTracerProvider;
  if (isOurs && provider.getDelegateTracer(name) === undefined) return undefined;
  version ??= ownVersion();
  return provider.getTracer(name, version);
}
