import type { Commands } from './command';
import { doctor } from './doctor';
import { keysCreate, keysList, keysRevoke } from './keys';
import { gateway, migrate, start, worker } from './processes';
import { status } from './status';
import { temporal } from './temporal';

/** By what is typed: one word, or two where a group has several. */
export const commands = {
  start,
  gateway,
  worker,
  migrate,
  status,
  doctor,
  'keys create': keysCreate,
  'keys list': keysList,
  'keys revoke': keysRevoke,
  temporal,
} satisfies Commands;
