import type { ShowUser } from '../../src/temporal/shown-user';
import type { IntegrationFacts } from '../../workflows/contract/status';
import { fairnessKey } from '../../workflows/rules';

export interface ShownFactsDeps {
  showUser: ShowUser;
}

/** What an activity answers stays in its actor's history: of the user only what may be shown in Temporal, and the turn. */
export function showing<Input>(
  { showUser }: ShownFactsDeps,
  activity: (input: Input) => Promise<IntegrationFacts | null>,
): (input: Input) => Promise<IntegrationFacts | null> {
  return async (input) => {
    const facts = await activity(input);
    if (facts === null) return null;
    const userId = showUser(facts.userId);
    // Of a hashed id a hash: who can list ids would find the id itself by its key.
    return { ...facts, userId, fairness: fairnessKey(userId || facts.userId) };
  };
}
