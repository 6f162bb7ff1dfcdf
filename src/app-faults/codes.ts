import type { Registry } from '../providers/registry';
import { commonTable } from '../oauth/refresh-error-table';

/** The codes under which credentials wait for the application's own fault to be mended. */
export function appFaultCodes(registry: Registry): string[] {
  const common = commonTable.flatMap(({ verdict, errors = [] }) =>
    verdict === 'app' ? errors : [],
  );
  const own = registry
    .names()
    .flatMap((name) => registry.get(name)?.refreshErrors ?? [])
    .flatMap(({ means, error }) => (means === 'app' && error !== undefined ? [error] : []));
  return [...new Set([...common, ...own])];
}
