import type { CredentialActorRow, IntegrationRow } from '../../src/db/queries/sweep/actor-rows';
import type { Shown } from '../../src/temporal/shown-actors';
import type { ShowUser } from '../../src/temporal/shown-user';
import { searchAttributes as keys } from '../../workflows/contract/ids';

/** What lists have to show: each attribute's value by its name, null where it must not be set. */
export type Expected = Readonly<Record<string, string | null>>;

/** What an integration's actor publishes of its row. @param showUser as `HOLDFAST_TEMPORAL_USER_ATTRIBUTE` has it */
export const expectedOfIntegration = (row: IntegrationRow, showUser: ShowUser): Expected => ({
  [keys.status.name]: row.status,
  [keys.reason.name]: row.reason,
  [keys.provider.name]: row.provider,
  [keys.user.name]: showUser(row.userId) || null,
  [keys.name.name]: row.name,
});

/** What a credential's actor publishes of its row. */
export const expectedOfCredential = (row: CredentialActorRow): Expected => ({
  [keys.credentialProvider.name]: row.provider,
  [keys.credentialState.name]: row.state,
});

/** Whether lists show anything else than they have to. */
export const differs = (expected: Expected, shown: Shown): boolean =>
  Object.entries(expected).some(([name, value]) => (shown[name] ?? null) !== value);
