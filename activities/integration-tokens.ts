import {
  type IntegrationCredential,
  readIntegrationCredential,
} from '../src/db/queries/integration-credential';
import type { TokenAnswer, TokenSource } from '../src/handlers/token-source';
import { toDeathCode } from '../workflows/contract';
import type { DeliverDeps } from './drain-deps';

/** A token that ends sooner than this is not worth sending. */
const shortLifeMs = 5_000;

/** The tokens of one integration: from their rows, renewed by the credential's actor. */
export function integrationTokens(
  { pool, envelope, actors }: Pick<DeliverDeps, 'pool' | 'envelope' | 'actors'>,
  integrationId: string,
): TokenSource {
  async function read(name: string): Promise<IntegrationCredential> {
    const row = await readIntegrationCredential(pool, integrationId, name);
    if (row === undefined) throw new Error(`The integration has no credential "${name}"`);
    return row;
  }

  function open(row: IntegrationCredential): TokenAnswer {
    const { state, version, code, sealedAccessToken: sealed, credentialId } = row;
    if (state === 'missing' || sealed === null)
      return { kind: 'dead', version, code: 'not_connected' };
    if (state === 'dead') return { kind: 'dead', version, code: toDeathCode(code) };
    const accessToken = envelope.open(sealed, `credentials.access_token:${credentialId}`);
    return { kind: 'alive', version, accessToken };
  }

  async function renew(row: IntegrationCredential): Promise<TokenAnswer> {
    const answer = await actors.refresh(row.credentialId, { rejectedVersion: row.version });
    return answer.kind === 'alive' ? open(await read(row.name)) : answer;
  }

  return {
    token: async (name) => {
      const row = await read(name);
      const leftMs = row.expiresAt === null ? Infinity : row.expiresAt.getTime() - Date.now();
      const held = open(row);
      return held.kind === 'alive' && leftMs < shortLifeMs ? renew(row) : held;
    },
    refused: async (name, version) => {
      const row = await read(name);
      const held = open(row);
      return held.kind === 'alive' && row.version === version ? renew(row) : held;
    },
  };
}
