import { parseDestinationRule } from '../destinations/destination-rule';
import type { PrivateDestinations } from '../destinations/is-reachable';
import type { Settings } from './settings';

const name = 'HOLDFAST_PRIVATE_DESTINATIONS';

/** Which loopback and private addresses may be reached; `src/destinations` says which those are. */
export function privateDestinations(settings: Settings): PrivateDestinations {
  return settings.parsed<PrivateDestinations>(
    name,
    'deny',
    'allow, deny, or a comma-separated list of CIDRs (10.0.0.0/8), CIDRs with a port (10.0.0.0/8:8080, [fd00::/8]:443) and hosts with a port (app.internal:8080)',
    (raw) => {
      if (raw === 'allow' || raw === 'deny') return raw;
      const rules = settings.list(name);
      return rules.length > 0 && rules.every((rule) => parseDestinationRule(rule) !== undefined)
        ? rules
        : undefined;
    },
  );
}
