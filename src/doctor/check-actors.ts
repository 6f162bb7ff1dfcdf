import { countActors, listStuckActors } from '../db/queries/sweep/healing';
import { askDatabase } from './ask-database';
import { type Finding, well, wrong } from './finding';

/** How many are named. */
const shown = 5;

/** Actors that can't go on. Nothing where the rows can't be asked: that has a line of its own. */
export async function checkActors(databaseUrl: string | undefined): Promise<Finding[]> {
  if (databaseUrl === undefined) return [];
  try {
    return await askDatabase(databaseUrl, async (client) => {
      const { stuck, healedLastDay } = await countActors(client);
      if (stuck === 0) {
        const healed = healedLastDay === 0 ? '' : `; ${healedLastDay} started anew in the last day`;
        return [well(`Actors: none is stuck${healed}`)];
      }
      const some = await listStuckActors(client, shown);
      const named = some.map(({ workflowId, cause }) => `${workflowId} (${cause})`).join(', ');
      const more = stuck > some.length ? `, and ${stuck - some.length} more` : '';
      return [
        wrong(
          `Actors: ${stuck} stuck: ${named}${more}. Each sweep starts them anew, three times in ten minutes; where that doesn't help, the workers' code can't run them: roll back, or deploy one that can. The log has actor.healed and actor.stuck`,
        ),
      ];
    });
  } catch {
    return [];
  }
}
