import { randomUUID } from 'node:crypto';
import type { IntegrationCredential } from '../../../db/queries/credentials/of-integration';
import { clientMethodsIn } from '../../../db/queries/credentials/client-authentications';
import { claimGiven, releaseGiven } from '../../../db/queries/credentials/given-tokens';
import { logDeaths, markDead } from '../../../db/queries/credentials/death';
import type { NewGrant, StoreTokens } from '../../../db/queries/credentials/store-tokens';
import { refreshTokenHash } from '../../../db/queries/encryption/hash-key';
import { isRefusedForGood } from '../../../db/error-classes';
import { messageOf } from '../../../lib/errors';
import { persistently } from '../../../lib/persistently';
import { waitAtMost } from '../../../lib/timing';
import { grantEnd } from '../../../oauth/grant-end';
import { verdictOn } from '../../../oauth/probe';
import { refreshTokens } from '../../../oauth/refresh';
import type { Provider } from '../../../providers/provider';
import type { ActorSignals, Encryption, Rows } from '../../deps';
import { storeGrant, type StoreGrantOutcome } from '../../operations/store-grant';
import { announceDeath } from '../../operations/signal-actors';

export interface GivenGrant {
  held: IntegrationCredential;
  grant: NewGrant & { refreshToken: string };
  resume: StoreTokens['resume'];
}

export interface ShowDeps extends Rows, Encryption, ActorSignals {
  /** What goes on after its caller was answered. */
  background(work: Promise<unknown>): void;
}

/** So long it has the refresh token to itself; as long as any refresh. */
const claimMs = 20_000;
const latestSendMs = 5_000;
const requestMs = 18_000;
/** Tokens that came are not given up while the database is away; their caller is told to ask again. */
const storeWaitsMs = 5_000;

type Shown =
  | StoreGrantOutcome
  | { kind: 'rejected' }
  /** Somebody shows another refresh token for this credential. */
  | { kind: 'not_shown' }
  /** The tokens that came are stored as soon as that is possible. */
  | { kind: 'not_stored_yet' };

/**
 * Shows a refresh token that was given, once, under the claim that every refresh makes, and stores what comes of it. Where
 * the answer takes longer than the caller waits, the given tokens are stored, and its outcome after them.
 */
export async function showRefreshToken(
  deps: ShowDeps,
  provider: Provider,
  { held, grant, resume }: GivenGrant,
  patienceMs: number,
): Promise<Shown> {
  const { pool, envelope, log } = deps;
  const { credentialId: id, parameters } = held;
  const attempt = randomUUID();
  const hash = await refreshTokenHash(pool, envelope, grant.refreshToken);
  const claimedAt = performance.now();
  const claim = await claimGiven(pool, held, { id, attempt, hash, forMs: claimMs });
  if (claim === 'taken') return { kind: 'busy' };
  if (claim === 'other_shown') return { kind: 'not_shown' };

  const showing = refreshTokens(
    provider,
    {
      refreshToken: grant.refreshToken,
      unansweredBefore: false,
      ...(parameters === null ? {} : { parameters }),
    },
    {
      signal: AbortSignal.timeout(requestMs),
      beforeSend: () => {
        if (performance.now() - claimedAt > latestSendMs) throw new Error('the claim is too old');
      },
      clientMethods: clientMethodsIn(pool, log),
    },
  );
  const outcome = await waitAtMost(showing, patienceMs);
  // What was stored meanwhile, by a person who connected again, is newer.
  const mine = { attempt, isRequired: true };
  if (outcome === undefined) {
    const goingOn = { ...mine, goesOn: true };
    const storing = storeGrant(deps, provider, held, { grant, resume, claim: goingOn });
    // Whatever becomes of that: the outcome must not be lost over it.
    const version = storing.then((stored) => (stored.kind === 'stored' ? stored.version : null));
    deps.background(finish(version.catch(() => null)));
    return storing;
  }
  switch (outcome.kind) {
    case 'refreshed': {
      const storing = keep(() => storeRenewed(outcome));
      deps.background(storing);
      return (await waitAtMost(storing, storeWaitsMs)) ?? { kind: 'not_stored_yet' };
    }
    case 'dead':
      await releaseGiven(pool, { id, attempt, unanswered: false });
      return { kind: 'rejected' };
    case 'app_fault':
    case 'transient': {
      const isUnanswered = outcome.kind === 'transient' && outcome.unanswered;
      return storeGrant(deps, provider, held, { grant, resume, claim: mine, isUnanswered });
    }
  }

  type Refreshed = Extract<Awaited<typeof showing>, { kind: 'refreshed' }>;

  function storeRenewed({
    tokens: { refreshToken = grant.refreshToken, ...tokens },
    account,
    asked,
  }: Refreshed): Promise<StoreGrantOutcome> {
    const expected = grant.account?.id ?? held.accountId;
    if (account !== undefined && expected !== null && account !== expected) {
      return refuseAnother(expected);
    }
    const began = { at: new Date(), consentedAt: null, before: null };
    const end = grantEnd(provider.oauth ?? {}, { ...tokens, refreshToken }, began);
    const renewed: NewGrant = {
      ...{ ...tokens, refreshToken, scope: tokens.scope ?? grant.scope },
      ...{ client: asked?.client },
      ...{ refreshExpiresAt: end?.at, refreshEndIsFixed: end?.isFixed },
      ...{ account: grant.account, proven: true },
      accountProven:
        account !== undefined &&
        expected !== null &&
        verdictOn(provider, { named: account, accountId: expected }) === 'proven',
    };
    const rotated = refreshToken === grant.refreshToken ? undefined : (hash ?? undefined);
    const obtained = true;
    return storeGrant(deps, provider, held, {
      ...{ grant: renewed, resume, claim: mine, rotated, obtained },
    });
  }

  /** Tokens of another account are good for nothing here, though the refresh token that was given is used up. */
  async function refuseAnother(expected: string): Promise<StoreGrantOutcome> {
    await releaseGiven(pool, { id, attempt, unanswered: false });
    return { kind: 'account_mismatch', stored: { id: expected, label: held.accountLabel } };
  }

  /** @param storing the version of the given tokens; null where they could not be stored meanwhile */
  async function finish(storing: Promise<number | null>): Promise<void> {
    const [late, version] = await Promise.all([showing, storing]);
    log.info(
      { event: 'credential.given_tokens_late', credentialId: id, version, outcome: late.kind },
      'The provider answered late about given tokens',
    );
    if (late.kind === 'refreshed') {
      await keep(() => storeRenewed(late));
    } else if (late.kind === 'dead' && version !== null) {
      const death = { credentialId: id, version, code: late.code };
      logDeaths(log, await markDead(pool, [death]));
      await releaseGiven(pool, { id, attempt, unanswered: false });
      await announceDeath(deps, death);
    } else {
      const unanswered = late.kind === 'transient' && late.unanswered;
      await releaseGiven(pool, { id, attempt, unanswered });
    }
  }
}

/** The given refresh token may be worth nothing any more: what came of it is not given up lightly. */
const keep = <T>(store: () => Promise<T>): Promise<T> =>
  persistently(store, { isHopeless: isRefusedForGood });

/** Keeps what goes on after its caller was answered until the process may end. */
export function keepBackground({ log }: Pick<ActorSignals, 'log'>) {
  const running = new Set<Promise<void>>();
  return {
    background: (work: Promise<unknown>): void => {
      const ended = work.then(
        () => undefined,
        (error: unknown) =>
          log.error(
            { event: 'credential.given_tokens_lost', err: messageOf(error) },
            'Given tokens, or what came of them, are lost',
          ),
      );
      running.add(ended);
      void ended.then(() => running.delete(ended));
    },
    ended: async (): Promise<void> => {
      await waitAtMost(Promise.all(running), requestMs + storeWaitsMs);
    },
  };
}
