import { randomBytes } from 'node:crypto';
import { createProviderPlaces } from '../../../../activities/credential/provider-places';
import { usualPresentingMs } from '../../../../activities/credential/present-refresh-token';
import { createRefreshCredential } from '../../../../activities/credential/refresh';
import { createTryCredential } from '../../../../activities/credential/try-credential';
import { createAppFaults } from '../../../../src/app-faults/app-faults';
import { createEnvelope } from '../../../../src/crypto/envelope';
import { insertCredential, linkCredential } from '../../../../src/db/queries/credentials/insert';
import { clearTokenRejections } from '../../../../src/db/queries/credentials/token-rejections';
import { insertCreation, insertIntegration } from '../../../../src/db/queries/integrations/insert';
import { storeTokens } from '../../../../src/db/queries/credentials/store-tokens';
import type { Pool } from '../../../../src/db/pool';
import { announceTokens } from '../../../../src/gateway/operations/signal-actors';
import { newId } from '../../../../src/lib/ids';
import { createLog } from '../../../../src/lib/log';
import { openRegistry } from '../../../support/connections';
import type { Actors } from '../../../../src/temporal/actors';
import { createMailbox } from './mailbox';
import type { GrantKind } from './model-credential';
import { providerOf, readTokenOwner, type TokenOwner, trialPauseMs } from './rows';
import { startScriptedProvider } from './provider';

/** What a run of the refresh activity is asked. */
export interface RefreshAsk {
  credentialId: string;
  rejectedVersion: number | null;
  ahead: boolean;
}

/** The real parts: rows, activities and a token endpoint; only signals go to a mailbox. */
export type World = Awaited<ReturnType<typeof startWorld>>;

/** Each credential has a provider of its own, so that one's fault is nobody else's. */
const providers = 3;
const log = createLog('silent');

export async function startWorld(pool: Pool) {
  const envelope = createEnvelope([{ id: 'k1', key: randomBytes(32) }]);
  const mailbox = createMailbox();
  const owners: (TokenOwner | null)[] = [];
  const provider = await startScriptedProvider(async (token) => {
    owners.push(await readTokenOwner(pool, envelope, token));
  });
  const { declaration, url } = provider.server;
  const registry = openRegistry({
    providers: Object.fromEntries(
      Array.from({ length: providers }, (_none, index) => [
        providerOf(index),
        { ...declaration, probe: { url: `${url}/me`, everySeconds: 3_600 } },
      ]),
    ),
  });

  return {
    pool,
    provider,
    mailbox,
    /** Whose each refresh token was in the moment when it was shown. */
    owners,

    reset: async () => {
      await pool.query('DELETE FROM integrations');
      await pool.query('DELETE FROM credentials');
      await pool.query('DELETE FROM app_faults');
      mailbox.mails.length = 0;
      owners.length = 0;
      provider.showings.length = 0;
    },

    addCredential: async (index: number): Promise<string> => {
      const id = newId('crd');
      const provider = providerOf(index);
      await insertCredential(pool, { id, userId: 'u', provider, parameters: null });
      return id;
    },

    addIntegration: async (uses: readonly [string, string][], missing: string | null) => {
      const id = newId('int');
      const message = 'It was never connected.';
      const by = 'system';
      const row = { id, userId: 'u', name: id, provider: providerOf(0), handler: 'forward' };
      await insertIntegration(pool, {
        ...{ ...row, whenError: 'keep', whenDisabled: 'keep', webhookAccount: null },
        ...{ metadata: null, destinationUrl: null, parameters: null },
        status: missing === null ? 'ENABLED' : 'ERROR',
        reason:
          missing === null
            ? null
            : {
                ...{ code: 'not_connected', credential: missing },
                credentials: [missing],
                message,
                by,
              },
      });
      for (const [name, credentialId] of uses) {
        await linkCredential(pool, { integrationId: id, name, credentialId });
      }
      await insertCreation(pool, id, 'system');
      return id;
    },

    /** As `PUT …/credentials/:name` has it, and a reconnect. */
    connect: async (
      credentialId: string,
      kind: GrantKind,
      resume?: { integrationId: string; name: string },
    ) => {
      const grant = provider.server.grant();
      const stored = await storeTokens(pool, envelope, {
        credentialId,
        grant: {
          accessToken: kind === 'bad' ? 'never given' : grant.accessToken,
          refreshToken: kind === 'full' ? grant.refreshToken : undefined,
          expiresAt: new Date(Date.now() + 3_600_000),
          proven: true,
        },
        resume,
      });
      if (stored.kind !== 'stored') throw new Error(`not stored: ${stored.kind}`);
      const { version, integrationIds } = stored;
      await announceTokens(
        { actors: mailbox.actors as unknown as Actors, log },
        { credentialId, version, integrationIds, resume: resume?.integrationId },
      );
    },

    takenByApi: (id: string, version: number) => clearTokenRejections(pool, { id, version }),

    /** @param through the pool that the activity has; a stalling one, perhaps */
    refresh: (ask: RefreshAsk, through: Pool = pool) => {
      const { actors } = mailbox;
      const refreshCredential = createRefreshCredential({
        ...{ pool: through, envelope, registry, log, actors },
        providerPlaces: createProviderPlaces(registry),
        appFaults: createAppFaults({ pool: through, registry, actors, log, notifyUrl: undefined }),
        durations: { presentingMs: usualPresentingMs },
      });
      return refreshCredential(ask);
    },

    tryAgain: (credentialId: string, through: Pool = pool) => {
      const { actors } = mailbox;
      const tryCredential = createTryCredential({
        ...{ pool: through, envelope, registry, log, actors },
        providerPlaces: createProviderPlaces(registry),
        appFaults: createAppFaults({ pool: through, registry, actors, log, notifyUrl: undefined }),
        durations: { presentingMs: usualPresentingMs, trialPauseMs },
      });
      return tryCredential({ credentialId });
    },

    close: () => provider.server.close(),
  };
}
