import { trace, type Tracer, type TracerProvider } from '@opentelemetry/api';
import { ownVersion } from '../lib/own-version';

const name = 'holdfast';
let version: string | undefined;

/** What the API hands out; it stands in for an SDK's provider, also where there is none. */
type StandIn = TracerProvider & { getDelegateTracer?(name: string): Tracer | undefined };

/**
 * What spans begin with, where the operator has brought an SDK (`node --import`); undefined where nobody has, and nothing is traced.
 * The SDK may have registered with a copy of the API of its own, of this one's minor version or a later one.
 */
export function findTracer(): Tracer | undefined {
  const provider: StandIn = trace.getTracerProvider();
  const standsForNone =
    provider.getDelegateTracer !== undefined && provider.getDelegateTracer(name) === undefined;
  if (standsForNone) return undefined;
  version ??= ownVersion();
  return provider.getTracer(name, version);
}
