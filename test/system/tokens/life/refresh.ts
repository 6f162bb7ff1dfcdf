import type { Pool } from '../../../../src/db/pool';
import type { Command } from './commands';
import { usersOf } from './connect';
import { look } from './model-integration';
import { deliver, wordOf } from './signals';
import { answered, type Attempt, begin, goOn } from './model-credential';
import { move } from './move';
import { pick, type Stage } from './stage';
import { stallAfterFirstQuery } from './stall';

type Refresh = Extract<Command, { do: 'refresh' }>;

const waits = [
  'the back-off is over',
  'the claim is over',
  'the trial may go on',
  'the refused may be tried again',
] as const;

/** Runs the activity that refreshes, or the one that tries what is dead, and the model beside it; where it stands still, it goes on later. */
export async function refresh(stage: Stage, command: Refresh): Promise<void> {
  const { world } = stage;
  const { caller, script } = command;
  const credential = pick(stage.credentials, command.credential);
  const { id, model } = credential;
  if (command.later) {
    for (const one of waits) await move(stage, credential, one);
  }
  const held = caller === 'an old refusal' ? model.version - 1 : model.version;
  const ask = {
    credentialId: id,
    rejectedVersion: caller === 'a need' ? null : held,
    ahead: caller === 'the clock',
  };
  const attempt = begin(model, caller);
  const run = (through?: Pool) =>
    caller === 'a trial' ? world.tryAgain(id, through) : world.refresh(ask, through);

  if (command.run === 'stalls before') {
    const stall = stallAfterFirstQuery(world.pool);
    const running = run(stall.pool);
    await Promise.race([stall.reached, running]);
    stage.stalled.push(() =>
      toTheEnd(stage, attempt, () => {
        world.provider.next(script, false);
        stall.letGo();
        return running;
      }),
    );
  } else if (command.run === 'stalls after') {
    await untilShown(stage, attempt, (isShown) => {
      world.provider.next(script, isShown);
      return run();
    });
  } else {
    await toTheEnd(stage, attempt, () => {
      world.provider.next(script, false);
      return Promise.all(command.run === 'twice' ? [run(), run()] : [run()]);
    });
  }
}

/** A good one, four times one from a forced refresh, and once more an hour later. */
export async function refuse(stage: Stage, credential: number): Promise<void> {
  const refusal = { do: 'refresh', credential, caller: 'a refusal', later: true } as const;
  for (const hours of [0, 0, 0, 0, 0, 1]) {
    if (hours > 0) await move(stage, pick(stage.credentials, credential), 'refused for an hour');
    await refresh(stage, { ...refusal, script: 'rotates', run: 'once' });
  }
}

/** Dead, perhaps, asked for, and tried when its time has come. */
export async function tryOnce(
  stage: Stage,
  { credential, words, script, run }: Extract<Command, { do: 'try' }>,
): Promise<void> {
  const { id } = pick(stage.credentials, credential);
  const { actor, model } = pick(usersOf(stage, credential), credential);
  for (const word of words) {
    deliver(stage, wordOf(actor.id, word, id));
    look(model);
    await actor.look();
  }
  const asked = { do: 'refresh', credential, caller: 'a trial', later: true } as const;
  await refresh(stage, { ...asked, script, run });
}

/** The token is shown exactly where the model says so, and once. */
async function toTheEnd(
  { world: { provider } }: Stage,
  attempt: Attempt,
  run: () => Promise<unknown>,
): Promise<void> {
  const before = provider.showings.length;
  const isShown = goOn(attempt);
  await run();
  const shown = provider.showings.slice(before).map(({ said }) => said);
  expect(shown).toHaveLength(isShown ? 1 : 0);
  for (const said of shown) answered(attempt, said);
}

async function untilShown(
  { world: { provider }, stalled }: Stage,
  attempt: Attempt,
  run: (isShown: boolean) => Promise<unknown>,
): Promise<void> {
  const before = provider.showings.length;
  const isShown = goOn(attempt);
  const running = run(isShown);
  await (isShown ? Promise.race([running, provider.shownMoreThan(before)]) : running);
  const shown = provider.showings.slice(before).map(({ said }) => said);
  expect(shown).toHaveLength(isShown ? 1 : 0);
  for (const said of shown) {
    const send = provider.takeHeld();
    stalled.push(async () => {
      send();
      await running;
      answered(attempt, said);
    });
  }
}
