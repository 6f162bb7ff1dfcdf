import { noteAccountProof } from '../../src/db/queries/credentials/account-proof';
import type { RefreshableCredential } from '../../src/db/queries/credentials/row';
import type { Pool } from '../../src/db/pool';
import { messageOf } from '../../src/lib/errors';
import type { Logger } from '../../src/lib/log';
import { type AccountProof, canProveAccount, probeAccount, verdictOn } from '../../src/oauth/probe';
import type { Provider } from '../../src/providers/provider';

type Row = Pick<RefreshableCredential, 'accountId' | 'accountProven' | 'parameters'>;

interface Token {
  credentialId: string;
  accessToken: string;
  /** The account that the token's own answer names. */
  named?: string | undefined;
}

const timeoutMs = 5_000;

/**
 * Finds out whose a token is that works, where only the application has said it: nobody may have answered when the tokens
 * were given. Never throws: it is tried again with the next token, or the next probe.
 */
export async function proveAccount(
  { pool, log }: { pool: Pool; log: Logger },
  provider: Provider,
  { accountId, accountProven, parameters }: Row,
  { credentialId: id, accessToken, named }: Token,
): Promise<void> {
  if (accountId === null || accountProven) return;
  try {
    const account =
      named === undefined ? await ask(accountId) : verdictOn(provider, { named, accountId });
    if (account === 'unproven') return;
    await noteAccountProof(pool, { id, accountId, isProven: account === 'proven' });
    if (account === 'another') {
      log.warn(
        { event: 'credential.account_mismatch', credentialId: id, provider: provider.name },
        'The tokens of a credential are of another account',
      );
    }
  } catch (error) {
    log.warn(
      { event: 'credential.account_not_stored', credentialId: id, err: messageOf(error) },
      'The account of a credential could not be stored',
    );
  }

  async function ask(accountId: string): Promise<AccountProof> {
    if (!canProveAccount(provider)) return 'unproven';
    const { account } = await probeAccount(provider, accessToken, {
      ...{ accountId, signal: AbortSignal.timeout(timeoutMs) },
      ...(parameters === null ? {} : { parameters }),
    });
    return account;
  }
}
