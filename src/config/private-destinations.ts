import { parseIpBlock } from '../destinations/ip-address';
import type { PrivateDestinations } from '../destinations/is-reachable';
import type { Settings } from './settings';

const name = 'HOLDFAST_PRIVATE_DESTINATIONS';

/** Whether forwarding may reach loopback and private addresses; `src/destinations` says which those are. */
export function privateDestinations(settings: Settings): PrivateDestinations {
  return settings.parsed<PrivateDestinations>(
    name,
    'deny',
    'allow, deny, or CIDRs (10.0.0.0/8), comma-separated',
    (raw) => {
      if (raw === 'allow' || raw === 'deny') return raw;
      const blocks = settings.list(name);
      return blocks.length > 0 && blocks.every((block) => parseIpBlock(block) !== undefined)
        ? blocks
        : undefined;
    },
  );
}
