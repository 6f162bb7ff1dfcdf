import type { CredentialActorRow, IntegrationRow } from '../../src/db/queries/sweep/actor-rows';
import type { Shown } from '../../src/temporal/shown-actors';
import { searchAttributes as keys } from '../../workflows/contract/ids';

/** What lists have to show: each attribute's value by its name, null where it must not be set. */
export type Expected = Readonly<Record<string, string | null>>;

/** What an integration's actor publishes of its row. */
export const expectedOfIntegration = (row: IntegrationRow): Expected => ({
  [keys.status.name]: row.status,
  [keys.reason.name]: row.reason,
  [keys.provider.name]: row.provider,
  [keys.user.name]: row.userId,
});

/** What a credential's actor publishes of its row. */
export const expectedOfCredential: (row: CredentialActorRow) => Expected = () => ({});

/** Whether lists show anything else than they have to. */
export const differs = (expected: Expected, shown: Shown): boolean =>
  Object.entries(expected).some(([name, value]) => (shown[name] ?? null) !== value);
