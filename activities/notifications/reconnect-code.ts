import { type Envelope, openOrNull } from '../../src/crypto/envelope';
import type { SealedContext } from '../../src/crypto/encrypted-columns';
import { randomToken, sha256 } from '../../src/crypto/hash';
import type { Pool } from '../../src/db/pool';
import {
  claimNotification,
  keepReconnectCode,
  type WaitingNotification,
} from '../../src/db/queries/notifications/outbox';
import {
  insertReconnectCode,
  readReconnectable,
} from '../../src/db/queries/people/reconnect-codes';
import { inTransaction } from '../../src/db/transaction';
import { proofAtConnection } from '../../src/oauth/probe';
import type { Registry } from '../../src/providers/registry';

export interface CodeDeps {
  pool: Pool;
  envelope: Envelope;
  registry: Pick<Registry, 'get'>;
  /** Nothing says where people sign in, so that what asks them to act has a code of its own. */
  reconnectCodes: boolean;
}

type Claim = NonNullable<Awaited<ReturnType<typeof claimNotification>>>;

/** A claimed attempt, and the body that it posts. */
interface Begun {
  claim: Claim;
  payload: string;
}

const lifetimeSeconds = 7 * 86_400;

/** Those after which a person has to act; the others' address needs a sign-in. */
const asksToAct = new Set(['integration.error', 'credential.expiring']);

const contextOf = (id: string): SealedContext => `notices.reconnect_code:${id}`;

/**
 * Begins an attempt. Its first one decides whether the reconnect address has a code, which every further one sends again:
 * a receiver may compare repeats.
 *
 * @returns null where another is under way, or the notification has ended
 */
export async function claimWithCode(
  deps: CodeDeps,
  notification: WaitingNotification,
  claimMs: number,
): Promise<Begun | null> {
  const { pool, envelope, reconnectCodes } = deps;
  const { sequence, id, type, integrationId, payload, attempts } = notification;
  if (reconnectCodes && attempts === 0 && integrationId !== null && asksToAct.has(type)) {
    return inTransaction(pool, async (client) => {
      const name = (JSON.parse(payload) as Payload).data.credential?.name;
      const whom = await readReconnectable(client, integrationId, name);
      const claim = await claimNotification(client, sequence, claimMs);
      if (claim === null) return null;
      const provider = whom === undefined ? undefined : deps.registry.get(whom.provider);
      const isSure = provider !== undefined && proofAtConnection(provider) !== 'none';
      if (whom === undefined || !isSure || claim.attempt > 1) return begun(claim);
      const { credentialName } = whom;
      const code = randomToken(32);
      const codeHash = sha256(code);
      await insertReconnectCode(client, {
        ...{ codeHash, integrationId, credentialName, lifetimeSeconds },
      });
      await keepReconnectCode(client, sequence, envelope.seal(code, contextOf(id)));
      return { claim, payload: withCode(payload, code) };
    });
  }
  const claim = await claimNotification(pool, sequence, claimMs);
  return claim === null ? null : begun(claim);

  function begun(claim: Claim): Begun {
    const sealed = claim.sealedCode;
    const code = sealed === null ? null : openOrNull(envelope, sealed, contextOf(id));
    return { claim, payload: code === null ? payload : withCode(payload, code) };
  }
}

/** As much of a stored body as is read here. */
interface Payload {
  data: { reconnectUrl: string | null; credential?: { name: string } };
}

/** The stored body with the code in its reconnect address; everything else stays where it is. */
function withCode(payload: string, code: string): string {
  const { data, ...rest } = JSON.parse(payload) as Payload;
  const reconnectUrl = `${data.reconnectUrl ?? ''}?code=${code}`;
  return JSON.stringify({ ...rest, data: { ...data, reconnectUrl } });
}
