import { ConfigError } from '../config';

/** `HOLDFAST_KEYS` doesn't fit the database: one line for each key, with its id and never with its bytes. */
export class SealingKeyError extends ConfigError {
  constructor(
    /** The ids of the keys that are missing or not the ones that the values were sealed with. */
    readonly keyIds: readonly string[],
    problems: readonly string[],
  ) {
    super(problems);
  }
}
