import type { Config } from '../config';
import { listUnprovenClaims } from '../db/queries/integrations/by-account';
import { countShortSecrets } from '../db/queries/integrations/secrets';
import type { Queryable } from '../db/pool';
import type { Registry } from '../providers/registry';
import { isClaimGood } from '../webhooks/account-claim';
import { goodSecretBytes, secretLengthBytes } from '../webhooks/secret-length';
import { askDatabase } from './ask-database';
import type { Declared } from './declared';
import { warning, type Finding } from './finding';

/** More are not looked at. */
const claimsAtMost = 1_000;
const namedAtMost = 3;

/** What makes webhooks easier to forge. A file or a database that can't be read is another line's business. */
export async function checkWebhooks(
  { databaseUrl }: Config,
  declared: Declared,
): Promise<Finding[]> {
  if ('problem' in declared) return [];
  const { registry } = declared;
  const stored =
    databaseUrl === undefined
      ? []
      : await askDatabase(databaseUrl, (db) => storedFindings(db, registry)).catch(() => []);
  return [...declaredSecrets(registry), ...stored];
}

function declaredSecrets(registry: Registry): Finding[] {
  return registry.names().flatMap((name) => {
    const { scheme, secrets = [] } = registry.get(name)?.webhook ?? {};
    const lengths = secrets.map((one) =>
      one === undefined ? goodSecretBytes : secretLengthBytes(scheme, one),
    );
    return lengths.some((length) => (length ?? 0) < goodSecretBytes)
      ? warning(`Webhooks of ${name}: a declared secret has ${tooShort}`)
      : [];
  });
}

const tooShort = `less than ${goodSecretBytes} bytes, so that it might be guessed`;

/** @param db migrated */
export async function storedFindings(db: Queryable, registry: Registry): Promise<Finding[]> {
  const short = await countShortSecrets(db, goodSecretBytes);
  const claims = await listUnprovenClaims(db, claimsAtMost);
  const shutOut = claims.filter(
    (claim) => !isClaimGood(claim, registry.get(claim.provider)?.webhook?.accountProof),
  );
  const unknown = claims.filter(
    (claim) => claim.isFromBefore && claim.isSomebodys && !shutOut.includes(claim),
  );
  return [
    ...(short === 0 ? [] : [warning(`Webhook secrets of integrations: ${short} have ${tooShort}`)]),
    ...claimed(
      shutOut,
      'nobody has proven, so that they get no events at the application’s address',
    ),
    ...claimed(unknown, 'another user has proven, and of which nobody knows who named them'),
  ];
}

function claimed(claims: readonly { integrationId: string }[], what: string): Finding[] {
  const ids = [...new Set(claims.map(({ integrationId }) => integrationId))];
  if (ids.length === 0) return [];
  const named = ids.slice(0, namedAtMost).join(', ');
  return [warning(`Accounts: ${ids.length} integrations (${named}) claim accounts that ${what}`)];
}
