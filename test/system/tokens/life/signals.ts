import type { Word } from './commands';
import type { Mail } from './mailbox';
import { hear } from './model-integration';
import type { Stage } from './stage';

/** An operator's signal, as `temporal workflow signal` sends it. */
export function wordOf(to: string, word: Word, credentialId: string): Mail {
  switch (word) {
    case 'all dead':
      return { to, kind: 'credentialInvalidated', args: [] };
    case 'all alive':
      return { to, kind: 'reauthorized', args: [] };
    case 'this one alive':
      return { to, kind: 'reauthorized', args: [{ credentialId }] };
    case 'all alive, resume':
      return { to, kind: 'reauthorized', args: [{ resume: true }] };
  }
}

/** The actor notes it; what comes of it shows when it looks. */
export function deliver({ integrations, credentials }: Stage, mail: Mail): void {
  const one = integrations.find(({ actor }) => actor.id === mail.to);
  if (one === undefined) return;
  one.actor.receive(mail);
  const { said } = one.model;
  const [message] = mail.args;
  const named = credentials.find(({ id }) => id === message?.credentialId)?.model;
  if (mail.kind === 'credentialInvalidated') {
    if (message === undefined) said.allDead = true;
    else if (named !== undefined && 'code' in message) hear(one.model, named, message);
    return;
  }
  // Tokens that were stored are in their row: a word with a version only says that there is something to see.
  if (message?.version !== undefined) return;
  if (named === undefined) said.allRevived = true;
  else said.revived.add(named);
  if (message !== undefined && 'resume' in message) said.resume = true;
}
