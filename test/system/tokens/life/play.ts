import { act } from './act';
import { checkCredentials } from './check';
import type { Command, Life } from './commands';
import { connect, usersOf } from './connect';
import { takenByApi } from './model-credential';
import { nothingSaid } from './model-integration';
import { move } from './move';
import { refresh, refuse, tryOnce } from './refresh';
import { rest } from './rest';
import { deliver, wordOf } from './signals';
import { pick, setStage, type Stage } from './stage';
import type { World } from './world';

/** Plays a life on the real parts and on the model, and compares them after every step. */
export async function play(world: World, life: Life): Promise<void> {
  const stage = await setStage(world, life);
  try {
    for (const command of life.commands) {
      await step(stage, command);
      await checkCredentials(stage);
    }
    for (const goOn of stage.stalled.splice(0)) await goOn();
    await rest(stage);
    // What was late or lost until now comes after all, the newest first.
    for (const mail of world.mailbox.mails.splice(0).reverse()) deliver(stage, mail);
    await rest(stage);
  } finally {
    // A run that a failed check has left behind must not disturb the next life.
    for (const goOn of stage.stalled.splice(0)) await goOn().catch(() => undefined);
  }
}

async function step(stage: Stage, command: Command): Promise<void> {
  const { world } = stage;
  switch (command.do) {
    case 'refresh':
      return refresh(stage, command);
    case 'wake': {
      const [goOn] = stage.stalled.splice(command.attempt % Math.max(1, stage.stalled.length), 1);
      return goOn?.();
    }
    case 'connect': {
      const users = usersOf(stage, command.credential);
      const resumed = command.resume === null ? null : pick(users, command.resume);
      const { inModel, inRows } = connect(stage, command.credential, command.grant, resumed);
      inModel();
      return inRows();
    }
    case 'take': {
      const { id, model } = pick(stage.credentials, command.credential);
      takenByApi(model);
      return world.takenByApi(id, model.version);
    }
    case 'refuse':
      return refuse(stage, command.credential);
    case 'try':
      return tryOnce(stage, command);
    case 'move':
      return move(stage, pick(stage.credentials, command.credential), command.move);
    case 'say': {
      const { actor } = pick(stage.integrations, command.integration);
      const { id } = pick(stage.credentials, command.credential);
      deliver(stage, wordOf(actor.id, command.word, id));
      return;
    }
    case 'forge': {
      const { actor } = pick(stage.integrations, command.integration);
      const { id, model } = pick(stage.credentials, command.credential);
      for (const offset of command.offsets) {
        const version = Math.max(0, model.version + offset);
        const message = { credentialId: id, version, code: 'revoked' as const };
        deliver(stage, { to: actor.id, kind: 'credentialInvalidated', args: [message] });
      }
      return;
    }
    case 'deliver': {
      const { mails } = world.mailbox;
      if (mails.length === 0) return;
      const mail = pick(mails, command.mail);
      if (!command.keep) mails.splice(mails.indexOf(mail), 1);
      deliver(stage, mail);
      return;
    }
    case 'look':
    case 'flip':
      return act(stage, command);
    case 'restart': {
      const { actor, model } = pick(stage.integrations, command.integration);
      if (command.how === 'emptied') model.said = nothingSaid();
      actor.restart(command.how);
      return;
    }
    case 'rest':
      return rest(stage);
  }
}
