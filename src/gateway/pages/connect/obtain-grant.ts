import { clientMethodsIn } from '../../../db/queries/credentials/client-authentications';
import type { OAuthState } from '../../../db/queries/people/oauth-states';
import type { NewGrant } from '../../../db/queries/credentials/store-tokens';
import { type AccountResult, readAccount } from '../../../oauth/account';
import { exchangeCode } from '../../../oauth/exchange';
import type { ExchangeFailure } from '../../../oauth/exchange-failure';
import { probeAccount, proofAtConnection } from '../../../oauth/probe';
import type { TokenSet } from '../../../oauth/token-set';
import type { Provider } from '../../../providers/provider';
import { redirectUri, verifierContext } from './authorization';
import type { ActorSignals, Encryption, Rows, Settings } from '../../deps';

interface Obtained {
  kind: 'obtained';
  tokens: TokenSet;
  account: NewGrant['account'];
  /** The provider says that they are this account's. */
  accountProven: boolean;
}

export type AccountFailure = Exclude<AccountResult, { kind: 'account' }>;

/** Milliseconds for the code exchange and the question whose account it is. */
const timeoutMs = 25_000;

/** What came back with the browser, made into tokens and the account that they are for. */
export async function obtainGrant(
  { config, envelope, pool, log }: Rows & Settings & Encryption & Pick<ActorSignals, 'log'>,
  provider: Provider,
  journey: OAuthState,
  callback: { url: URL; state: string },
): Promise<Obtained | ExchangeFailure | AccountFailure> {
  const signal = AbortSignal.timeout(timeoutMs);
  const parameters = journey.parameters ?? {};
  const exchanged = await exchangeCode(
    provider,
    {
      callbackUrl: callback.url,
      redirectUri: redirectUri(config.publicUrl, provider.name),
      state: callback.state,
      codeVerifier: envelope.open(journey.sealedCodeVerifier, verifierContext(journey.stateHash)),
      nonce: journey.nonce,
      parameters,
    },
    { signal, clientMethods: clientMethodsIn(pool, log) },
  );
  if (exchanged.kind !== 'exchanged') return exchanged;
  const account = await readAccount(provider, exchanged, { parameters, signal });
  if (account.kind !== 'account') return account;
  const { id, label } = account;
  return {
    kind: 'obtained',
    tokens: exchanged.tokens,
    account: id === null ? undefined : { id, label: label ?? undefined },
    accountProven: id !== null && (await isProven(id, exchanged.tokens.accessToken)),
  };

  /** What a connection brought is the account where the tokens came from an address that holds it; else a probe's word. */
  async function isProven(accountId: string, accessToken: string): Promise<boolean> {
    const proof = proofAtConnection(provider);
    if (proof !== 'probe') return proof === 'origin';
    const asked = await probeAccount(provider, accessToken, { accountId, parameters, signal });
    return asked.account === 'proven';
  }
}
