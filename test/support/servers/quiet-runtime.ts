import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Temporal's own lines are printed from errors on; there is one runtime in a process, and whoever is first makes it. */
export function quietRuntime(): void {
  if (Runtime._instance !== undefined) return;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
}
