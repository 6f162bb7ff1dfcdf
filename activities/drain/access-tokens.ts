import { clearTokenRejections } from '../../src/db/queries/credentials/token-rejections';
import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../../src/db/queries/credentials/of-integration';
import { messageOf } from '../../src/lib/errors';
import {
  isHeldGoodEnough,
  leftMs,
  needsRenewal,
  usableToken,
} from '../../src/credentials/decide-token';
import type { TokenAnswer, TokenSource } from '../../src/credentials/token-source';
import type { RefreshRequest } from '../../workflows/contract/messages';
import { toDeathCode } from '../../workflows/contract/status';
import type { DrainDeps } from './deps';

/** A token that ends sooner than this is not worth sending. */
const shortLifeMs = 5_000;

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

  function open(row: IntegrationCredential): TokenAnswer {
    const { version, credentialId } = row;
    const sealed = usableToken(row);
    if (sealed === null) {
      const wasConnected = row.state === 'dead' && row.sealedAccessToken !== null;
      return {
        kind: 'dead',
        version,
        code: wasConnected ? toDeathCode(row.code) : 'not_connected',
      };
    }
    const accessToken = envelope.open(sealed, `credentials.access_token:${credentialId}`);
    return { kind: 'alive', version, accessToken, rejectedBefore: row.refused };
  }

  async function renew(row: IntegrationCredential, request: RefreshRequest): Promise<TokenAnswer> {
    const answer = await actors.refresh(row.credentialId, request);
    return answer.kind === 'alive' ? open(await read(row.name)) : answer;
  }

  return {
    token: async (name) => {
      const row = await read(name);
      const held = open(row);
      const left = leftMs(row);
      if (held.kind !== 'alive' || !needsRenewal(row, shortLifeMs)) return held;
      // Not as rejected: without a refresh token that would end a grant whose token still lives.
      const renewed = await renew(row, {});
      return isHeldGoodEnough(renewed, left) ? held : renewed;
    },
    refused: async (name, version) => {
      const row = await read(name);
      const held = open(row);
      return held.kind === 'alive' && row.version === version
        ? renew(row, { rejectedVersion: version })
        : held;
    },
    accepted: async (name, version) => {
      // What is lost here is made up for by the next success.
      await read(name)
        .then(({ credentialId: id }) => clearTokenRejections(pool, { id, version }))
        .catch((error: unknown) => log.warn({ integrationId, err: messageOf(error) }, 'not noted'));
    },
  };
}
