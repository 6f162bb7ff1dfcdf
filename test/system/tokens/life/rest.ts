import { duePage } from '../../../../src/db/queries/sweep/due';
import { checkAtRest, checkCredentials } from './check';
import { look } from './model-integration';
import type { Stage } from './stage';

/** More than enough for what shared credentials do to one another. */
const mostRounds = 4;

/** Every actor with a reason to look does, and the sweep signals those that it finds due; then all is as it must be. */
export async function rest(stage: Stage): Promise<void> {
  // The second time for what a later actor's look did to a credential that an earlier one shares.
  for (const { model } of [...stage.integrations, ...stage.integrations]) look(model);
  let quiet = false;
  for (let round = 0; !quiet; round++) {
    if (round === mostRounds) throw new Error('the sweep rings, and nothing comes of it');
    quiet = true;
    for (const { actor } of stage.integrations) {
      const { due } = await duePage(stage.world.pool, 'status', {
        all: false,
        after: '',
        limit: 50,
      });
      if (!actor.state.look && !due.some(({ id }) => id === actor.id)) continue;
      await actor.look();
      quiet = false;
    }
  }
  await checkCredentials(stage);
  await checkAtRest(stage);
}
