/** Something that the person who typed the command can put right: shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
