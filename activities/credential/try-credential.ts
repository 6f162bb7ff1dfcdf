import {
  beginTrial,
  endTrial,
  passTrial,
  postponeTrial,
} from '../../src/db/queries/credentials/trial';
import { integrationsUsing } from '../../src/db/queries/credentials/death';
import {
  readCredential,
  readRefreshable,
  type RefreshableCredential,
} from '../../src/db/queries/credentials/row';
import { probeAddress, type ProbeVerdict } from '../../src/oauth/probe';
import type { Actors } from '../../src/temporal/actors';
import { signalPaced } from '../../src/temporal/paced-signals';
import type { CredentialRow } from '../../workflows/contract/status';
import { presentRefreshToken } from './present-refresh-token';
import { askProvider } from './probe';
import { answerFrom, type RefreshDeps, type RefreshResult } from './refresh';

export type TryDeps = RefreshDeps & {
  actors: Pick<Actors, 'reauthorized' | 'lookAtIntegration'>;
  durations: {
    /** Between two tries of one dead credential, at least; a minute, unless a test makes it less. */
    trialPauseMs: number;
  };
};

const isOnTrial = ({ trialAt = null }: CredentialRow): boolean => trialAt !== null;

/** Died of what its access token met: that its refresh token is good says nothing about that. */
const diedOfItsAccessToken = ({ code }: CredentialRow): boolean =>
  code === 'access_refused' || code === 'revoked';

/**
 * One try of a dead credential, if an operator has asked for one and its time has come: it is alive again once its
 * provider has accepted it, and not before. A refusal changes nothing but what the reason says of the last try.
 */
export function createTryCredential(deps: TryDeps) {
  const { pool, registry, envelope, actors, log, providerPlaces } = deps;
  const pauseMs = deps.durations.trialPauseMs;

  return async function tryCredential(input: { credentialId: string }): Promise<RefreshResult> {
    const { credentialId: id } = input;
    const until = await takeTurn(id);
    const facts = await readCredential(pool, id);
    if (facts === null) return { facts, answer: answerFrom(facts, null) };
    await tell(id, facts);
    const waiting = isOnTrial(facts) && until !== null ? { trialAt: until.toISOString() } : {};
    return { facts: { ...facts, ...waiting }, answer: answerFrom(facts, null) };
  };

  /** @returns null, or when to come back */
  async function takeTurn(id: string): Promise<Date | null> {
    const row = await readRefreshable(pool, id);
    if (row === null || !isOnTrial(row)) return null;
    const turn = await providerPlaces.run(row, 'in time', () => attempt(id, row));
    return turn.kind === 'done' ? turn.result : new Date(Date.now() + turn.comeBackMs);
  }

  async function attempt(id: string, row: RefreshableCredential): Promise<Date | null> {
    const start = await beginTrial(pool, { id, version: row.version, pauseMs });
    if (start.kind !== 'begun') return start.kind === 'waits' ? start.until : null;
    if (row.refreshToken === null) {
      await askAbout(id, row);
      return null;
    }
    if (diedOfItsAccessToken(row) && !canBeAsked(row)) {
      await settle(id, row, 'unasked');
      return null;
    }
    const renewed = () => judgeRenewed(id, row);
    return presentRefreshToken(deps, id, row, false, { pauseMs, renewed });
  }

  async function judgeRenewed(id: string, row: RefreshableCredential): Promise<void> {
    const renewed = await readRefreshable(pool, id);
    if (renewed?.version !== row.version + 1) return;
    await (diedOfItsAccessToken(row) ? askAbout(id, renewed) : settle(id, renewed, 'accepted'));
  }

  function canBeAsked(row: RefreshableCredential): boolean {
    const provider = registry.get(row.provider);
    return provider === undefined || probeAddress(provider) !== undefined;
  }

  async function askAbout(id: string, row: RefreshableCredential): Promise<void> {
    const provider = registry.get(row.provider);
    const hasEnded = row.expiresInMs !== null && row.expiresInMs <= 0;
    if (hasEnded) return settle(id, row, 'unasked');
    if (provider === undefined) return settle(id, row, 'unknown');
    return settle(id, row, await askProvider(envelope, provider, id, row));
  }

  async function settle(
    id: string,
    { provider, version }: RefreshableCredential,
    verdict: ProbeVerdict,
  ): Promise<void> {
    const tried = { id, version, attempt: null };
    const failure = { pauseMs, retryAfterMs: undefined, unanswered: false };
    if (verdict === 'accepted') await passTrial(pool, tried);
    else if (verdict === 'unknown') await postponeTrial(pool, { ...tried, ...failure });
    else await endTrial(pool, { ...tried, refused: verdict === 'refused' });
    log.info(
      { event: 'credential.tried', credentialId: id, provider, version, verdict },
      'A dead credential was tried again at its provider',
    );
  }

  /** Also where nothing was done: the signals of an earlier run of this activity may have been lost. */
  async function tell(id: string, row: CredentialRow): Promise<void> {
    if (isOnTrial(row)) return;
    const { state, version } = row;
    const users = await integrationsUsing(pool, id);
    const [failure] = await signalPaced(users, (user) =>
      state === 'dead'
        ? actors.lookAtIntegration(user, 'tried')
        : actors.reauthorized(user, { credentialId: id, version }),
    );
    if (failure !== undefined) throw failure;
  }
}
