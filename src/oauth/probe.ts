import { HoldfastError } from '../lib/errors';
import { readPointer } from '../lib/json-pointer';
import { foreignAccountAddress } from '../providers/foreign-hosts';
import type { Provider } from '../providers/provider';
import { placeholdersOf } from '../providers/url-templates';
import { accountOfDocument } from './account';
import { type AskOptions, askWithToken } from './bearer-request';
import { isTokenRejected } from './is-token-rejected';
import { readAnswer } from './read-answer';

export type ProbeVerdict =
  | 'accepted'
  /** The provider says that the token is not good. */
  | 'refused'
  /** It answered neither, or not at all. */
  | 'unknown'
  /** It declares no address to ask. */
  | 'unasked';

/** Where a provider can be asked about an access token; undefined where it declares nothing. */
export const probeAddress = (provider: Provider): string | undefined =>
  provider.probe?.url ?? accountAddress(provider);

function accountAddress({ oauth }: Provider): string | undefined {
  const account = oauth?.account;
  return account !== undefined && 'url' in account ? account.url : undefined;
}

/** Asks the provider whether an access token lives: its probe, else its account address. Never throws. */
export async function probeToken(
  provider: Provider,
  accessToken: string,
  options: AskOptions,
): Promise<ProbeVerdict> {
  const address = probeAddress(provider);
  return (await ask(provider, address, accessToken, options)).verdict;
}

/** Whether the provider says that tokens are an account's. */
export type AccountProof =
  | 'proven'
  /** They are another one's. */
  | 'another'
  /** It doesn't say. */
  | 'unproven';

/**
 * Asks the provider whether an access token lives, and whether it is of an account: at the account's address where there
 * is one. Where a parameter is the account, a probe whose address holds it has to accept the token. Never throws.
 */
export async function probeAccount(
  provider: Provider,
  accessToken: string,
  { accountId, ...options }: AskOptions & { accountId: string },
): Promise<{ verdict: ProbeVerdict; account: AccountProof }> {
  const isAnybodys = foreignAccountAddress(provider) !== undefined;
  const source = provider.oauth?.account;
  if (source !== undefined && 'parameter' in source) {
    const brought = options.parameters?.[source.parameter];
    if (brought !== undefined && brought !== accountId) {
      return { verdict: 'unasked', account: 'another' };
    }
    const verdict = await probeToken(provider, accessToken, options);
    const isProven =
      verdict === 'accepted' && brought !== undefined && probeHolds(provider, source.parameter);
    return { verdict, account: isProven && !isAnybodys ? 'proven' : 'unproven' };
  }
  const address = accountAddress(provider);
  if (address === undefined) {
    return { verdict: await probeToken(provider, accessToken, options), account: 'unproven' };
  }
  const [asked, verdict] = await Promise.all([
    ask(provider, address, accessToken, options),
    // The account's address may want a scope that the token hasn't.
    address === probeAddress(provider) ? undefined : probeToken(provider, accessToken, options),
  ]);
  const named = asked.verdict === 'accepted' ? accountOfDocument(provider, asked.document) : null;
  const account = named === null ? 'unproven' : verdictOn(provider, { named, accountId });
  return { verdict: verdict ?? asked.verdict, account };
}

/** What it says of an account that an answer names that account, or another one. */
export function verdictOn(
  provider: Provider,
  { named, accountId }: { named: string; accountId: string },
): AccountProof {
  if (named !== accountId) return 'another';
  return foreignAccountAddress(provider) === undefined ? 'proven' : 'unproven';
}

/** Whether what a probe accepts is of the account that the parameter names. */
export const probeHolds = (provider: Pick<Provider, 'probe'>, parameter: string): boolean =>
  provider.probe !== undefined && placeholdersOf(provider.probe.url).includes(parameter);

/** Whether the provider can be asked whose an access token is. */
export function canProveAccount(provider: Provider): boolean {
  const source = provider.oauth?.account;
  if (source === undefined || foreignAccountAddress(provider) !== undefined) return false;
  return 'url' in source || ('parameter' in source && probeHolds(provider, source.parameter));
}

/**
 * How the connection of an account shows whose it is: by where the tokens come from, or by a probe that takes them. At
 * an address of anybody's, or where no account is declared, it never does. Pure.
 */
export function proofAtConnection(
  provider: Pick<Provider, 'oauth' | 'probe'>,
): 'origin' | 'probe' | 'none' {
  const { account, issuer = '', tokenUrl = issuer } = provider.oauth ?? {};
  if (account === undefined || foreignAccountAddress(provider) !== undefined) return 'none';
  if (!('parameter' in account) || placeholdersOf(tokenUrl).includes(account.parameter)) {
    return 'origin';
  }
  return probeHolds(provider, account.parameter) ? 'probe' : 'none';
}

async function ask(
  provider: Provider,
  address: string | undefined,
  accessToken: string,
  options: AskOptions,
): Promise<{ verdict: ProbeVerdict; document?: unknown }> {
  if (address === undefined) return { verdict: 'unasked' };
  try {
    const result = await askWithToken(provider, address, accessToken, options);
    if (result.kind === 'failed') return { verdict: 'unknown' };
    const { status } = result;
    const answer = readAnswer(status, result.body);
    if (isTokenRejected(provider, answer)) return { verdict: 'refused' };
    if (status < 200 || status >= 300) return { verdict: 'unknown' };
    const { url, activePointer } = provider.probe ?? {};
    const isInactive =
      activePointer !== undefined &&
      url === address &&
      readPointer(answer.document, activePointer) === false;
    return isInactive ? { verdict: 'refused' } : { verdict: 'accepted', document: answer.document };
  } catch (error) {
    if (error instanceof HoldfastError) return { verdict: 'unasked' };
    throw error;
  }
}
