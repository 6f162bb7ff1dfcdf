import type { CredentialInvalidated } from '../../../../workflows/contract/messages';
import type { DeathCode } from '../../../../workflows/contract/status';
import type { Logger } from '../../../lib/log';
import type { Queryable } from '../../pool';

/** An earlier death's trial says nothing about this one. */
const noTrialSql = 'trial_until = NULL, trial_at = NULL, trial_refused_at = NULL';

const deadSql = (k: string) => `${k}.id AS "credentialId", ${k}.version, ${k}.provider, ${k}.code`;

const deathSql = `
  UPDATE credentials k
  SET state = 'dead', code = m.code, retry_at = NULL, last_failure_at = now(),
      ${noTrialSql}, updated_at = now()
  FROM unnest($1::text[], $2::int[], $3::text[]) AS m (id, version, code)
  WHERE k.id = m.id AND k.version = m.version AND credential_is_usable(k.state)
  RETURNING ${deadSql('k')}`;

/** A credential that was usable until now. */
export interface DeadCredential extends CredentialInvalidated {
  provider: string;
}

/** One line for each, whoever marked it. */
export function logDeaths(log: Logger, deaths: readonly DeadCredential[]): void {
  for (const death of deaths) log.info({ event: 'credential.died', ...death }, 'A credential died');
}

/**
 * Marks credentials dead, each only at the version that is named: other tokens that were stored meanwhile
 * live on.
 *
 * @returns those that were usable until now
 */
export async function markDead(
  db: Queryable,
  deaths: readonly CredentialInvalidated[],
): Promise<DeadCredential[]> {
  const { rows } = await db.query<DeadCredential>(deathSql, [
    deaths.map(({ credentialId }) => credentialId),
    deaths.map(({ version }) => version),
    deaths.map(({ code }) => code),
  ]);
  return rows;
}

/** An operator's word: whatever an integration's credentials hold now is dead. @returns those that were usable */
export async function markAllDead(
  db: Queryable,
  integrationId: string,
  code: DeathCode,
): Promise<DeadCredential[]> {
  const { rows } = await db.query<DeadCredential>(
    `UPDATE credentials k
     SET state = 'dead', code = $2::text, retry_at = NULL, last_failure_at = now(),
         ${noTrialSql}, updated_at = now()
     WHERE credential_is_usable(state) AND id IN (
       SELECT credential_id FROM integration_credentials WHERE integration_id = $1::text)
     RETURNING ${deadSql('k')}`,
    [integrationId, code],
  );
  return rows;
}

/** The integrations that use a credential. */
export async function integrationsUsing(db: Queryable, credentialId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT DISTINCT integration_id AS id FROM integration_credentials
     WHERE credential_id = $1::text ORDER BY 1`,
    [credentialId],
  );
  return rows.map(({ id }) => id);
}
