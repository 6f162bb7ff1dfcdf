import { age, facts, forTerminal, several, withAge } from './output';
import { faultsOf, type Overview } from './status-faults';

/** For people: what is wrong first, with what to do. */
export function overviewText(overview: Overview, url: string): string {
  const faults = faultsOf(overview);
  const wrong = faults.map(
    ({ what, remedy }) => `- ${forTerminal(what)}\n  ${forTerminal(remedy)}\n`,
  );
  const head = faults.length === 0 ? 'All is well' : `${several(faults.length, 'thing')} wrong`;
  return `${head} at ${url}.\n${wrong.length > 0 ? `\n${wrong.join('')}` : ''}\n${standing(overview)}`;
}

function standing(overview: Overview): string {
  const { at, integrations, broken, deliveries, notifications, sweep, schema, database } = overview;
  const now = Date.parse(at);
  const died = (broken ?? []).reduce((sum, one) => sum + one.count, 0);
  const fresh = broken === null ? 0 : Math.max(0, (integrations.ERROR ?? 0) - died);
  const oldest = deliveries.oldestDueAt;
  const counts = [
    `${shown(integrations.ENABLED)} ENABLED, ${shown(integrations.DISABLED)} DISABLED, ${shown(integrations.ERROR)} ERROR`,
    fresh > 0 ? ` (${fresh} not connected yet)` : '',
  ];
  const due = `${shown(deliveries.due)} due${oldest === null ? '' : ` (the oldest for ${age(now - Date.parse(oldest))})`}`;
  return facts([
    ['Integrations', counts.join('')],
    [
      'Deliveries',
      `${due}, ${shown(deliveries.parked)} parked, ${deliveries.deadLetters === null ? '? dead letters' : several(deliveries.deadLetters, 'dead letter')}`,
    ],
    ['Notifications', `${shown(notifications.waiting)} waiting`],
    ['Holds', shown(overview.holds)],
    ['Last sweep', withAge(sweep.lastAt, now)],
    ['Schema', schema.version],
    ['Database', database.bytes === null ? null : `${(database.bytes / 2 ** 20).toFixed(0)} MiB`],
  ]);
}

const shown = (number: number | null) => (number === null ? '?' : String(number));
