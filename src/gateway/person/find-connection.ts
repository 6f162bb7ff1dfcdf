import type { Queryable } from '../../db/pool';
import { findConnector } from '../../db/queries/people/status';
import { HoldfastError } from '../../lib/errors';

export const unknownConnection = (): HoldfastError =>
  new HoldfastError('integration_not_found', 'There is no connection of this name.');

/** A person's connection by its name. @throws HoldfastError `integration_not_found` */
export async function findConnection(
  db: Queryable,
  userId: string,
  name: string,
): Promise<{ id: string; provider: string }> {
  const found = await findConnector(db, userId, name);
  if (found === undefined) throw unknownConnection();
  return found;
}
