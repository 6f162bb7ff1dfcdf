import type { ConnectionView } from '../pages/connection-view';
import { isNotConnectedYet } from '../../../workflows/rules';
import type { Icon } from '../document/icons';

/** How a connection stands, as people see it. */
export type Standing = 'working' | 'troubled' | 'off' | 'broken' | 'unconnected';

export function standingOf({
  status,
  health,
  cause,
}: Pick<ConnectionView, 'status' | 'health' | 'cause'>): Standing {
  if (status === 'DISABLED') return 'off';
  if (isNotConnectedYet(status, cause?.code, health)) return 'unconnected';
  if (status === 'ERROR') return 'broken';
  return health === 'healthy' ? 'working' : 'troubled';
}

/** In words, in a shape and in a colour; and how the time is called since when it stands so. */
export const looks = {
  working: { words: 'Connected', icon: 'ok', tone: 'ok', since: 'Connected since' },
  troubled: { words: 'Having trouble', icon: 'trouble', tone: 'warn', since: 'Connected since' },
  off: { words: 'Switched off', icon: 'off', tone: 'off', since: 'Switched off since' },
  broken: { words: 'Needs reconnecting', icon: 'warn', tone: 'warn', since: 'Broken since' },
  unconnected: { words: 'Not connected yet', icon: 'plug', tone: 'warn', since: 'Waiting since' },
} as const satisfies Record<Standing, { words: string; icon: Icon; tone: string; since: string }>;
