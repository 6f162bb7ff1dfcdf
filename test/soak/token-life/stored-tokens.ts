import { createEnvelope } from '../../../src/crypto/envelope';
import type { System } from '../../support/scenes/system';
import { hashOf } from './issued';

/** Lets the database note each refresh token that is committed from now on, whatever replaces it. */
export async function noteStoredTokens({ pool }: System): Promise<void> {
  await pool.query(
    `CREATE TABLE stored_tokens (id text, refresh_token bytea);
     CREATE FUNCTION note_stored() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
     BEGIN INSERT INTO stored_tokens VALUES (NEW.id, NEW.refresh_token); RETURN NEW; END $$;
     CREATE TRIGGER note_stored AFTER UPDATE ON credentials
     FOR EACH ROW WHEN (NEW.version > OLD.version) EXECUTE FUNCTION note_stored()`,
  );
}

/** @returns the hashes of what was noted */
export async function readStoredTokens({ pool, config }: System): Promise<Set<string>> {
  const envelope = createEnvelope(config.keys);
  const { rows } = await pool.query<{ id: string; refresh_token: Buffer }>(
    'SELECT id, refresh_token FROM stored_tokens WHERE refresh_token IS NOT NULL',
  );
  return new Set(
    rows.map((row) =>
      hashOf(envelope.open(row.refresh_token, `credentials.refresh_token:${row.id}`)),
    ),
  );
}
