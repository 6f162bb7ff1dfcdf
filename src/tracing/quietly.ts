import { diag } from '@opentelemetry/api';

/** What the operator's SDK throws is told to OpenTelemetry's own log: it is no reason not to take or handle a delivery. */
export function quietly<Result>(ask: () => Result): Result | undefined {
  try {
    return ask();
  } catch (error) {
    diag.error('Holdfast could not write a span', error);
    return undefined;
  }
}
