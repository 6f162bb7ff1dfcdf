import { connect, handleFive } from './steps-alive';
import { keepTwenty, revoke, useDeadToken } from './steps-dead';
import { handleKept, reconnect } from './steps-back';
import type { Story } from './story';

export interface Step {
  title: string;
  /**
   * @returns what was seen, in a sentence
   * @throws NotSeenError
   */
  run: (story: Story) => Promise<string>;
}

/** The story, in order. */
export const steps: readonly Step[] = [
  { title: 'connect through the session link', run: connect },
  { title: 'five webhooks are handled in order', run: handleFive },
  { title: 'the grant is revoked at the provider', run: revoke },
  { title: 'the next use of the token finds it dead', run: useDeadToken },
  { title: 'twenty more webhooks are kept, none is handled', run: keepTwenty },
  { title: 'reconnect through the session link', run: reconnect },
  { title: 'what was kept is handled, in order, each once', run: handleKept },
];
