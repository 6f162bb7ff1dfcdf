import type { Command } from './commands';
import { connect } from './connect';
import { flip, look } from './model-integration';
import { pick, type Stage } from './stage';

const nothing = { inModel: () => undefined, inRows: () => Promise.resolve() };

/** An actor looks, or is switched; a reconnect may come between its reading and its writing. */
export async function act(
  stage: Stage,
  command: Extract<Command, { do: 'look' | 'flip' }>,
): Promise<void> {
  const one = pick(stage.integrations, command.integration);
  const { actor, model } = one;
  const { inModel, inRows } =
    command.meanwhile === null ? nothing : connect(stage, command.meanwhile, 'full', one);
  actor.runTwice(command.twice);
  if (command.do === 'look') {
    look(model, inModel);
    await actor.look(inRows);
  } else {
    const isRefused = flip(model, command.to, inModel);
    expect(await actor.flip(command.to, inRows)).toBe(isRefused);
  }
  actor.runTwice(false);
}
