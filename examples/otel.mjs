// Traces a gateway or worker of Holdfast: node --import ./otel.mjs (docs/how-to/trace.md).
// Addresses and names by OpenTelemetry's own variables: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME.
import { isMainThread } from 'node:worker_threads';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';

const some = new TraceIdRatioBasedSampler(Number(process.env.OTEL_TRACES_SAMPLER_ARG || 1));
// An attempt is a trace of its own: it is kept where the webhook that it is linked to was.
const root = {
  shouldSample: (context, traceId, name, kind, attributes, links) =>
    links.some((link) => link.context.traceFlags & 1)
      ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
      : some.shouldSample(context, traceId),
};

// Temporal's threads run workflows, in which nothing is traced.
if (isMainThread)
  new NodeTracerProvider({
    resource: detectResources({ detectors: [envDetector] }),
    sampler: new ParentBasedSampler({ root }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 1_000 }),
    ],
  }).register();
