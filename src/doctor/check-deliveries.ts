import { age } from '../cli/output';
import { lateMs } from '../cli/status-faults';
import { readBacklog } from '../db/queries/deliveries/backlog';
import { countedAtMost, readDatabaseBytes } from '../db/queries/overview';
import { askDatabase } from './ask-database';
import { type Finding, warning, well } from './finding';

/** How much is stored, and how much of it waits. Nothing where the rows can't be asked: that has a line of its own. */
export async function checkDeliveries(databaseUrl: string | undefined): Promise<Finding[]> {
  if (databaseUrl === undefined) return [];
  try {
    return await askDatabase(databaseUrl, async (client) => {
      const bytes = (await readDatabaseBytes(client)) ?? 0;
      await client.query('BEGIN READ ONLY');
      const { due, parked, oldestDueAt } = await readBacklog(client, countedAtMost.others);
      const dueMs = oldestDueAt === null ? 0 : Date.now() - oldestDueAt.getTime();
      const oldest = oldestDueAt === null ? '' : `, the oldest for ${age(dueMs)}`;
      const waiting = `Deliveries: ${shown(due)} due${oldest}; ${shown(parked)} parked`;
      return [
        well(`Database: ${(bytes / 2 ** 20).toFixed(0)} MiB`),
        dueMs > lateMs
          ? warning(`${waiting}. "holdfast status" says which destinations fail`)
          : well(waiting),
      ];
    });
  } catch {
    return [];
  }
}

const shown = (count: number) =>
  count < countedAtMost.others ? String(count) : `${count} or more`;
