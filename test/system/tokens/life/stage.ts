import { type Actor, createActor } from './actor';
import type { Life } from './commands';
import * as credentials from './model-credential';
import { type ModelIntegration, newIntegration } from './model-integration';
import type { World } from './world';

/** A credential, and what it must be. */
export interface StageCredential {
  id: string;
  model: credentials.ModelCredential;
}

/** An integration's actor, and what it must come to. */
export interface StageIntegration {
  actor: Actor;
  model: ModelIntegration;
  /** By the credential's id. */
  names: Map<string, string>;
}

/** What one life is played on. */
export interface Stage {
  world: World;
  credentials: StageCredential[];
  integrations: StageIntegration[];
  /** Runs of the refresh activity that stand still; each goes on when it is called. */
  stalled: (() => Promise<void>)[];
}

export async function setStage(world: World, { topology, connected }: Life): Promise<Stage> {
  await world.reset();
  const stage: Stage = { world, credentials: [], integrations: [], stalled: [] };
  for (const [index, isConnected] of connected.entries()) {
    const id = await world.addCredential(index);
    const model = credentials.newCredential();
    if (isConnected) {
      await world.connect(id, 'full');
      credentials.connect(model, 'full');
    }
    stage.credentials.push({ id, model });
  }
  for (const uses of topology) {
    const named = Object.entries(uses).map(
      ([name, index]) => [name, pick(stage.credentials, index)] as const,
    );
    const model = newIntegration(named.map(([name, one]) => [name, one.model]));
    const missing = named.find(([, one]) => one.model.state === 'missing')?.[0] ?? null;
    const id = await world.addIntegration(
      named.map(([name, one]) => [name, one.id]),
      missing,
    );
    const names = new Map(named.map(([name, one]) => [one.id, name]));
    stage.integrations.push({ actor: createActor(id, world.pool), model, names });
  }
  return stage;
}

/** A number that a property drew, as one of what there is. */
export function pick<T>(list: readonly T[], number: number): T {
  const one = list[number % list.length];
  if (one === undefined) throw new Error('there is none');
  return one;
}
