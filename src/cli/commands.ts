import type { Commands } from './command';
import { doctor } from './doctor';
import { gateway, migrate, start, worker } from './processes';

/** By what is typed: one word, or two where a group has several. */
export const commands = {
  start,
  gateway,
  worker,
  migrate,
  doctor,
} satisfies Commands;
