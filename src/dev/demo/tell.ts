import { messageOf } from '../../lib/errors';
import { NotSeenError } from './not-seen';
import { steps } from './steps';
import type { Story } from './story';
import { seconds } from './within';

/**
 * Runs the steps, a line for each as it ends.
 * @returns whether every one of them was seen to happen
 */
export async function tell(story: Story, write: (line: string) => void): Promise<boolean> {
  const begin = performance.now();
  for (const [index, { title, run }] of steps.entries()) {
    const since = performance.now();
    const name = `${index + 1} ${title}`;
    try {
      const seen = await run(story);
      const [at, took] = [seconds(since - begin), seconds(performance.now() - since)];
      write(`${at.padStart(8)}  ${name.padEnd(50)} ${took.padStart(8)}  ${seen}`);
    } catch (error) {
      const problem = error instanceof NotSeenError ? error.message : messageOf(error);
      write(`${seconds(since - begin).padStart(8)}  ${name}\n  ${problem}`);
      return false;
    }
  }
  return true;
}
