import { createAppFaults, type AppFaultDeps } from '../src/app-faults';

export type { AppFaultDeps };

export function createReportAppFault(deps: AppFaultDeps) {
  return createAppFaults(deps).report;
}
