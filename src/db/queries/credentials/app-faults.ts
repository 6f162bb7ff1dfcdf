import type { Queryable } from '../../pool';

/**
 * Whether what ails a row of `credentials` is told as the application's fault: for as long as the provider refuses the
 * application, and where that is the row's trouble until the fault has ended.
 */
export const underAppFaultSql = `EXISTS (
  SELECT FROM app_faults f
  WHERE f.provider = credentials.provider AND (f.taken_at IS NULL OR f.code = credentials.code))`;

/** A provider that takes the application for so long refuses it anew when it does, else still. */
const lasts = "interval '1 hour'";

export interface NotedAppFault {
  /** `again`: within the hour after it had taken the application once more. */
  kind: 'began' | 'again';
  since: Date;
  /** Whether anybody was told that the provider took it. */
  wasTold: boolean;
}

/** @returns null where the provider is known to refuse the application */
export async function noteAppFault(
  db: Queryable,
  provider: string,
  code: string,
): Promise<NotedAppFault | null> {
  const { rows } = await db.query<NotedAppFault>(
    `WITH before AS (
       SELECT taken_at = hastened_at AS told FROM app_faults WHERE provider = $1::text
     )
     INSERT INTO app_faults AS f (provider, code) VALUES ($1::text, $2::text)
     ON CONFLICT (provider) DO UPDATE SET
       taken_at = NULL,
       code = CASE WHEN f.taken_at <= now() - ${lasts} THEN excluded.code ELSE f.code END,
       since = CASE WHEN f.taken_at <= now() - ${lasts} THEN now() ELSE f.since END,
       hastened_at = CASE WHEN f.taken_at > now() - ${lasts} THEN f.hastened_at END
     WHERE f.taken_at IS NOT NULL
     RETURNING CASE WHEN since = now() THEN 'began' ELSE 'again' END AS kind, since,
               coalesce((SELECT told FROM before), false) AS "wasTold"`,
    [provider, code],
  );
  return rows[0] ?? null;
}

export async function hasAppFault(db: Queryable, provider: string): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT FROM app_faults WHERE provider = $1::text AND taken_at IS NULL',
    [provider],
  );
  return rowCount === 1;
}

export interface TakenAppFault {
  code: string;
  since: Date;
  /** At most every five minutes: a provider that takes and refuses in turn would be asked by all each time. */
  hasten: boolean;
}

/** The provider took the application. @returns null where that was known, or another was faster */
export async function takeAppFault(db: Queryable, provider: string): Promise<TakenAppFault | null> {
  const { rows } = await db.query<TakenAppFault>(
    `UPDATE app_faults
     SET taken_at = now(),
         hastened_at = CASE WHEN hastened_at > now() - interval '5 minutes' THEN hastened_at
                            ELSE now() END
     WHERE provider = $1::text AND taken_at IS NULL
     RETURNING code, since, hastened_at = now() AS hasten`,
    [provider],
  );
  return rows[0] ?? null;
}

export interface EndedAppFault {
  provider: string;
  code: string;
  since: Date;
  until: Date;
}

/** Deletes the faults whose provider has taken the application for an hour. */
export async function endAppFaults(db: Queryable): Promise<EndedAppFault[]> {
  const { rows } = await db.query<EndedAppFault>(
    `DELETE FROM app_faults WHERE taken_at <= now() - ${lasts}
     RETURNING provider, code, since, taken_at AS until`,
  );
  return rows;
}

export interface HastenedCredential {
  id: string;
  version: number;
}

/**
 * Lets a provider's credentials that back off for the application's fault be tried soon: ten in a second, or
 * all of them within a minute where they are many.
 */
export async function hastenRetries(
  db: Queryable,
  provider: string,
  codes: readonly string[],
): Promise<HastenedCredential[]> {
  const { rows } = await db.query<HastenedCredential>(
    `UPDATE credentials k
     SET updated_at = now(), retry_at = least(
           k.retry_at, now() + waiting.place * least(0.1, 60.0 / waiting.total) * interval '1 second')
     FROM (SELECT id, row_number() OVER (ORDER BY retry_at) AS place, count(*) OVER () AS total
             FROM credentials
            WHERE provider = $1::text AND state = 'degraded' AND retry_at > now()
              AND code = ANY ($2::text[])) waiting
     WHERE k.id = waiting.id AND k.state = 'degraded'
     RETURNING k.id, k.version`,
    [provider, codes],
  );
  return rows;
}

/** Lets one credential of every provider that has a fault be tried now: the one that worked last. */
export async function hastenOneEach(
  db: Queryable,
  codes: readonly string[],
): Promise<(HastenedCredential & { provider: string })[]> {
  const { rows } = await db.query<HastenedCredential & { provider: string }>(
    `UPDATE credentials k SET retry_at = now(), updated_at = now()
     FROM (SELECT DISTINCT ON (c.provider) c.id
             FROM app_faults f JOIN credentials c ON c.provider = f.provider
            WHERE f.taken_at IS NULL AND c.state = 'degraded' AND c.retry_at > now()
              AND (c.code = f.code OR c.code = ANY ($1::text[]))
            ORDER BY c.provider, c.last_success_at DESC NULLS LAST, c.id) one
     WHERE k.id = one.id AND k.state = 'degraded'
     RETURNING k.id, k.version, k.provider`,
    [codes],
  );
  return rows;
}
