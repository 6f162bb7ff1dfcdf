import {
  currentToken,
  replacedToken,
  type TokenDecision,
  type TokenNeeds,
} from '../../src/credentials/current-token';
import type { TokenAnswer, TokenSource } from '../../src/credentials/token-source';
import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../../src/db/queries/credentials/of-integration';
import { clearTokenRejections } from '../../src/db/queries/credentials/token-rejections';
import { untilAborted } from '../../src/lib/abort';
import { messageOf, PermanentError } from '../../src/lib/errors';
import { minMarginMs } from '../../src/oauth/refresh-schedule';
import type { RefreshRequest } from '../../workflows/contract/messages';
import { inRefreshSpan } from './attempt-spans';
import type { DrainDeps } from './deps';

/** A delivery is in no hurry: it waits for as long as an actor may take to answer. */
const needs: TokenNeeds = { tooShortMs: minMarginMs, patienceMs: 60_000 };

const keptElsewhere = (name: string) =>
  `The application keeps the tokens of the credential "${name}": ctx.fetch has none to send.`;

/** The tokens of one integration: from their rows, renewed by the credential's actor. */
export function accessTokens(
  { pool, envelope, actors, log }: Pick<DrainDeps, 'pool' | 'envelope' | 'actors' | 'log'>,
  integrationId: string,
): TokenSource {
  async function read(name: string): Promise<IntegrationCredential> {
    const row = await readIntegrationCredential(pool, integrationId, name);
    if (row === undefined) throw new Error(`The integration has no credential "${name}"`);
    return row;
  }

  const ways = (name: string) => ({
    read: async () => {
      const row = await read(name);
      if (row.external) throw new PermanentError(keptElsewhere(name));
      return row;
    },
    refresh: ({ credentialId }: IntegrationCredential, request: RefreshRequest) =>
      refresh(credentialId, request),
  });

  const refresh = (credentialId: string, request: RefreshRequest) =>
    inRefreshSpan(credentialId, (traced) =>
      actors.refresh(credentialId, { ...request, ...traced }),
    );

  /** Whoever waits for a refresh when the attempt ends gets none, whatever token is held. */
  async function within(
    signal: AbortSignal | undefined,
    name: string,
    decide: (of: ReturnType<typeof ways>) => Promise<TokenDecision<IntegrationCredential>>,
  ): Promise<TokenAnswer> {
    const of = ways(name);
    if (signal === undefined) return open(await decide(of));
    const wait = { isCutOff: false };
    const untilItEnds: typeof of.refresh = (...asked) =>
      untilAborted(of.refresh(...asked), signal).finally(() => (wait.isCutOff = signal.aborted));
    const decision = await decide({ ...of, refresh: untilItEnds });
    return wait.isCutOff ? { kind: 'unavailable', code: 'unavailable' } : open(decision);
  }

  function open(decision: TokenDecision<IntegrationCredential>): TokenAnswer {
    if (decision.kind !== 'alive') return decision;
    const { version, credentialId, refused: rejectedBefore } = decision.row;
    const accessToken = envelope.open(decision.sealed, `credentials.access_token:${credentialId}`);
    return { kind: 'alive', version, accessToken, rejectedBefore };
  }

  /** There is nothing to renew: it is dead until the application says that its tokens work again. */
  async function rejectExternal(row: IntegrationCredential, version: number): Promise<TokenAnswer> {
    const answer = await refresh(row.credentialId, { rejectedVersion: version });
    if (answer.kind !== 'alive') return answer;
    // It is another version already, so that nothing has to be waited for.
    return { kind: 'unavailable', version, code: 'rejected', retryAt: new Date().toISOString() };
  }

  return {
    token: (name, signal) => within(signal, name, (of) => currentToken(of, needs)),
    refused: async (name, version, signal) => {
      const row = await read(name);
      if (row.external) return rejectExternal(row, version);
      return within(signal, name, (of) => replacedToken(of, needs, version));
    },
    accepted: async (name, version) => {
      // What is lost here is made up for by the next success.
      await read(name)
        .then(({ credentialId: id }) => clearTokenRejections(pool, { id, version }))
        .catch((error: unknown) =>
          log.warn(
            { event: 'credential.acceptance_not_stored', integrationId, err: messageOf(error) },
            'The acceptance of a token could not be stored',
          ),
        );
    },
  };
}
