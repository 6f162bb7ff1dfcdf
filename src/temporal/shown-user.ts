import { createHmac } from 'node:crypto';
import type { OperationSettings } from '../config/operations';

/** A user's id as Temporal is told it: in attributes, details and histories. Empty where it is told none. */
export type ShowUser = (userId: string) => string;

/** As many hexadecimal digits of a hash as tell users apart, and fit into a column of a list. */
const hashDigits = 32;

/** @param settings of `HOLDFAST_TEMPORAL_USER_ATTRIBUTE` and its key */
export function createShowUser({
  temporalUserAttribute,
  temporalHashKey = '',
}: Pick<OperationSettings, 'temporalUserAttribute' | 'temporalHashKey'>): ShowUser {
  switch (temporalUserAttribute) {
    case 'on':
      return (userId) => userId;
    case 'off':
      return () => '';
    case 'hash':
      return (userId) =>
        createHmac('sha256', temporalHashKey).update(userId).digest('hex').slice(0, hashDigits);
  }
}
