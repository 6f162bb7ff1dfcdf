import type { Config } from '../config';
import { countActors, listStuckActors } from '../db/queries/sweep/healing';
import { uiPlaceOf, workflowLink } from '../temporal/ui-links';
import { askDatabase } from './ask-database';
import { type Finding, well, wrong } from './finding';

/** How many are named. */
const shown = 5;

type Settings = Pick<Config, 'databaseUrl' | 'temporalUiUrl' | 'temporalNamespace'>;

/** Actors that can't go on, with links to them. Nothing where the rows can't be asked: that has a line of its own. */
export async function checkActors(config: Settings): Promise<Finding[]> {
  const { databaseUrl } = config;
  const ui = uiPlaceOf(config);
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
      const links =
        ui === null ? [] : some.map(({ workflowId }) => ` ${workflowLink(ui, workflowId)}`);
      const seen = links.length === 0 ? '' : `. In the Temporal UI:${links.join('')}`;
      return [
        wrong(
          `Actors: ${stuck} stuck: ${named}${more}. Each sweep starts them anew, three times in ten minutes; where that doesn't help, the workers' code can't run them: roll back, or deploy one that can. The log has actor.healed and actor.stuck${seen}`,
        ),
      ];
    });
  } catch {
    return [];
  }
}
