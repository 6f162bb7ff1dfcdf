import { moveInModel } from './model-time';
import { moveTime, type Move } from './rows';
import type { Stage, StageCredential } from './stage';

export async function move({ world }: Stage, { id, model }: StageCredential, one: Move) {
  moveInModel(model, one);
  await moveTime(world.pool, id, one);
}
