import { workflowIds } from '../../../workflows/contract/ids';
import { credentialStatus, stored } from '../../../workflows/contract/messages';
import { eventually } from '../../support/eventually';
import type { IntegrationBody, Scene } from '../../support/scenes/scene';

interface CredentialTimes {
  id: string;
  state: string;
  code: string | null;
  version: number;
  failures: number;
  unanswered: boolean;
  /** Milliseconds from now. */
  retryInMs: number | null;
  expiresInMs: number | null;
}

/** A credential's row as the core left it, with times by the database's clock. */
export async function rowOf(
  { system }: Scene,
  { credentials }: Pick<IntegrationBody, 'credentials'>,
): Promise<CredentialTimes> {
  const fromNow = (column: string) => `extract(epoch FROM ${column} - now())::float8 * 1000`;
  const { rows } = await system.pool.query<CredentialTimes>(
    `SELECT id, state, code, version, failures,
            coalesce(unanswered_version = version, false) AS unanswered,
            ${fromNow('retry_at')} AS "retryInMs", ${fromNow('expires_at')} AS "expiresInMs"
     FROM credentials WHERE id = $1`,
    [credentials[0]?.id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the credential is gone');
  return row;
}

/** As if the time until the next try had gone by. The actor is told to look, and has. */
export async function waitOut(scene: Scene, integration: IntegrationBody): Promise<void> {
  const { id, version } = await rowOf(scene, integration);
  const handle = scene.system.temporal.workflow.getHandle(workflowIds.credential(id));
  const before = await handle.query(credentialStatus);
  await scene.system.pool.query(
    `UPDATE credentials SET retry_at = now() - interval '1 second' WHERE id = $1`,
    [id],
  );
  await handle.signal(stored, { version, why: 'due' });
  await eventually(
    async () => {
      const { refreshAt } = await handle.query(credentialStatus);
      expect(refreshAt).not.toBe(before.refreshAt);
    },
    { timeoutMs: 20_000 },
  );
}

interface TokenBody {
  accessToken: string;
  expiresAt: string;
  version: number;
  error?: { code: string };
}

export function token({ system }: Scene, { id }: Pick<IntegrationBody, 'id'>) {
  return system.api<TokenBody>('GET', `/v1/integrations/${id}/token`);
}
