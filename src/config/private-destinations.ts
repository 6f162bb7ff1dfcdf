import { isIP } from 'node:net';
import type { Settings } from './settings';

export type PrivateDestinations = 'allow' | 'deny' | readonly string[];

const name = 'HOLDFAST_PRIVATE_DESTINATIONS';

/** Whether forwarding may reach loopback and private addresses. */
export function privateDestinations(settings: Settings): PrivateDestinations {
  return settings.parsed<PrivateDestinations>(
    name,
    'deny',
    'allow, deny, or CIDRs (10.0.0.0/8), comma-separated',
    (raw) => {
      if (raw === 'allow' || raw === 'deny') return raw;
      const blocks = settings.list(name);
      return blocks.length > 0 && blocks.every(isCidr) ? blocks : undefined;
    },
  );
}

function isCidr(block: string): boolean {
  const [address = '', bits = '', ...rest] = block.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (family === 4 ? 32 : 128);
}
