import type { ConnectionView } from '../pages/connection-view';
import { isNotConnectedYet } from '../../../workflows/rules';
import type { Icon } from '../document/icons';

/** How a connection stands, as people see it. */
export type Standing =
  'working' | 'troubled' | 'undelivered' | 'off' | 'broken' | 'unconnected' | 'ending';

export function standingOf({
  status,
  health,
  cause,
  failing,
  ending,
}: Pick<ConnectionView, 'status' | 'health' | 'cause' | 'failing' | 'ending'>): Standing {
  if (status === 'DISABLED') return 'off';
  if (isNotConnectedYet(status, cause?.code, health)) return 'unconnected';
  if (status === 'ERROR') return 'broken';
  if (ending !== undefined) return 'ending';
  if (failing !== undefined) return 'undelivered';
  return health === 'healthy' ? 'working' : 'troubled';
}

interface Look {
  words: string;
  icon: Icon;
  tone: 'ok' | 'warn' | 'off' | 'new';
  /** How the time is called since when it stands so. */
  since: string;
  /** Its person has something to do: it stands open. */
  isOpen: boolean;
}

/**
 * In words, in a shape and in a colour; in the order in which they are listed, what its person has to mend first.
 */
export const looks: Record<Standing, Look> = {
  broken: {
    ...{ words: 'Needs reconnecting', icon: 'warn', tone: 'warn', since: 'Broken since' },
    isOpen: true,
  },
  unconnected: {
    ...{ words: 'Not connected yet', icon: 'plug', tone: 'new', since: 'Added' },
    isOpen: true,
  },
  ending: {
    ...{ words: 'Ends soon', icon: 'warn', tone: 'warn', since: 'Connected since' },
    isOpen: true,
  },
  undelivered: {
    ...{ words: 'Updates waiting', icon: 'trouble', tone: 'warn', since: 'Connected since' },
    isOpen: false,
  },
  troubled: {
    ...{ words: 'Having trouble', icon: 'trouble', tone: 'warn', since: 'Connected since' },
    isOpen: false,
  },
  working: {
    ...{ words: 'Connected', icon: 'ok', tone: 'ok', since: 'Connected since' },
    isOpen: false,
  },
  off: {
    ...{ words: 'Switched off', icon: 'off', tone: 'off', since: 'Switched off since' },
    isOpen: false,
  },
};

const order = Object.keys(looks);
const { compare } = new Intl.Collator('en', { numeric: true });

/** What has to be mended first, then by provider and name. */
export function byUrgency(one: ConnectionView, other: ConnectionView): number {
  return (
    order.indexOf(standingOf(one)) - order.indexOf(standingOf(other)) ||
    compare(one.provider, other.provider) ||
    compare(one.name, other.name)
  );
}
