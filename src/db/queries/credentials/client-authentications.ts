import { messageOf } from '../../../lib/errors';
import type { Logger } from '../../../lib/log';
import type { ClientAt, ClientMethod, ClientMethods } from '../../../oauth/client-authentication';
import type { Queryable } from '../../pool';

/** So long what another process has found out may stay unknown to this one. */
const ttlMs = 10_000;
/** One for each pool: what its database knows, read again by one statement for all providers. */
const caches = new WeakMap<Queryable, ClientMethods>();

/** How clients authenticate, where that was found out (table `client_authentications`). */
export function clientMethodsIn(db: Queryable, log: Logger): ClientMethods {
  const methods = caches.get(db) ?? createClientMethods(db, log);
  caches.set(db, methods);
  return methods;
}

export function createClientMethods(
  db: Queryable,
  log: Logger,
  now: () => number = () => performance.now(),
): ClientMethods {
  let known: ReadonlyMap<string, ClientMethod> = new Map();
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    readAt = now();
    try {
      known = await readMethods(db);
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'the clients that authenticate otherwise are not known');
    }
  }

  return {
    known: async (at) => {
      if (now() - readAt >= ttlMs) reading ??= read().finally(() => (reading = undefined));
      await reading;
      return known.get(keyOf(at));
    },

    remember: async (at, method) => {
      known = new Map([...known, [keyOf(at), method]]);
      const line = { ...at, method, event: 'client_authentication.found' };
      log.warn(
        { ...line, declare: `clientAuthentication: '${method}'` },
        'the provider takes this client in another way than its declaration says: put the line into it',
      );
      try {
        await db.query(
          `INSERT INTO client_authentications (provider, client_id, token_origin, method)
           VALUES ($1::text, $2::text, $3::text, $4::text)
           ON CONFLICT (provider, client_id, token_origin)
           DO UPDATE SET method = excluded.method, found_at = now()`,
          [at.provider, at.clientId, at.origin, method],
        );
      } catch (error) {
        log.warn({ ...line, err: messageOf(error) }, 'how a client authenticates was not stored');
      }
    },
  };
}

const keyOf = ({ provider, clientId, origin }: ClientAt) =>
  JSON.stringify([provider, clientId, origin]);

async function readMethods(db: Queryable): Promise<Map<string, ClientMethod>> {
  const { rows } = await db.query<ClientAt & { method: ClientMethod }>(
    `SELECT provider, client_id AS "clientId", token_origin AS origin, method
     FROM client_authentications`,
  );
  return new Map(rows.map((row) => [keyOf(row), row.method]));
}
