import { isUsable } from '../../../../workflows/rules';
import type { IntegrationCredential } from '../../../db/queries/credentials/of-integration';
import {
  askForResume,
  findSameGrant,
  hashOlderTokens,
  lockCredentials,
  lockGrants,
  raiseVersion,
  takeOver,
} from '../../../db/queries/credentials/same-grant';
import type { StoreTokens } from '../../../db/queries/credentials/store-tokens';
import type { TokenHash } from '../../../db/queries/encryption/hash-key';
import { inTransaction } from '../../../db/transaction';
import { sameParameters } from '../../../providers/url-templates';
import type { ActorSignals, Encryption, Rows } from '../../deps';
import { announceTokens, wakeActors } from '../../operations/signal-actors';

interface Given {
  refreshToken: string;
  accountId: string | undefined;
  tokenHash: TokenHash;
  resume: StoreTokens['resume'];
}

type Joined =
  | { kind: 'joined'; version: number }
  | { kind: 'account_mismatch' }
  | { kind: 'parameters_mismatch' }
  /** A refresh of that grant is under way. */
  | { kind: 'busy' };

/**
 * Where another credential of the user has the grant that a credential is given, its integrations go over to that one, with
 * the tokens that are there. Two credentials would refresh one grant twice, and lose it to each other.
 *
 * @returns undefined where no other one that can be used has it
 */
export async function joinSameGrant(
  { pool, envelope, actors, log }: Rows & Encryption & ActorSignals,
  held: IntegrationCredential,
  { refreshToken, accountId, tokenHash, resume }: Given,
): Promise<Joined | undefined> {
  const hash = tokenHash(refreshToken);
  const own = held.credentialId;
  const joined = await inTransaction(pool, async (client) => {
    await lockGrants(client, held);
    await hashOlderTokens(client, held, { envelope, tokenHash });
    const to = await findSameGrant(client, held, { hash, prefer: own });
    if (to === undefined || to === own) return undefined;
    const locked = await lockCredentials(client, [own, to]);
    const other = locked.find(({ id }) => id === to);
    const before = locked.find(({ id }) => id === own);
    if (other === undefined || before === undefined) return undefined;
    if (!isUsable(other.state)) return undefined;
    const accounts = [accountId, before.accountId, other.accountId].filter((id) => id != null);
    if (new Set(accounts).size > 1) return { kind: 'account_mismatch' } as const;
    const parameters = before.parameters ?? held.parameters;
    if (parameters !== null && !sameParameters(parameters, other.parameters)) {
      return { kind: 'parameters_mismatch' } as const;
    }
    const version = await raiseVersion(client, { id: to, above: before.version });
    if (version === null) return { kind: 'busy' } as const;
    const integrationIds = await takeOver(client, { from: [own], to });
    if (resume !== undefined) await askForResume(client, resume, version);
    return { kind: 'joined', credentialId: to, version, integrationIds } as const;
  });
  if (joined?.kind !== 'joined') return joined;
  log.info(
    { event: 'credential.joined', credentialId: joined.credentialId, replaced: [own] },
    'A credential shares the grant of another one',
  );
  await Promise.all([
    announceTokens({ actors, log }, { ...joined, resume: resume?.integrationId }),
    wakeActors(log, [() => actors.credentialDeleted(own)]),
  ]);
  return joined;
}
