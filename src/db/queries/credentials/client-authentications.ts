import { messageOf } from '../../../lib/errors';
import type { Logger } from '../../../lib/log';
import type { ClientAt, ClientMethod, ClientMethods } from '../../../oauth/client-authentication';
import type { Queryable } from '../../pool';

/** So long a way that is known is used without asking whether another process has found a different one. */
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
  let known: ReadonlyMap<string, Found> = new Map();
  let readAt = -Infinity;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    readAt = now();
    try {
      known = await readMethods(db);
    } catch (error) {
      log.warn(
        { event: 'client_authentication.unread', err: messageOf(error) },
        'The clients that authenticate otherwise could not be read',
      );
    }
  }

  return {
    known: async (at) => {
      // Only what is known is kept: another process may just have found the way, and without it
      // a refresh would tell of a fault of the application that is none.
      if (now() - readAt >= ttlMs || !known.has(keyOf(at))) {
        await (reading ??= read().finally(() => (reading = undefined)));
      }
      const found = known.get(keyOf(at));
      const isOutdated = at.declared !== undefined && found?.declared !== at.declared;
      return isOutdated ? undefined : found?.method;
    },

    remember: async (at, method) => {
      known = new Map([...known, [keyOf(at), { method, declared: at.declared ?? null }]]);
      const line = { ...at, method };
      log.warn(
        {
          event: 'client_authentication.found',
          ...line,
          declare: `clientAuthentication: '${method}'`,
        },
        'The provider accepts this client in another way than its declaration says: put the line into it',
      );
      try {
        await db.query(
          `INSERT INTO client_authentications (provider, client_id, token_origin, method, declared)
           VALUES ($1::text, $2::text, $3::text, $4::text, $5::text)
           ON CONFLICT (provider, client_id, token_origin)
           DO UPDATE SET method = excluded.method, declared = excluded.declared, found_at = now()`,
          [at.provider, at.clientId, at.origin, method, at.declared ?? null],
        );
      } catch (error) {
        log.warn(
          { event: 'client_authentication.not_stored', ...line, err: messageOf(error) },
          'How a client authenticates could not be stored',
        );
      }
    },
  };
}

interface Found {
  method: ClientMethod;
  declared: string | null;
}

const keyOf = ({ provider, clientId, origin }: Omit<ClientAt, 'declared'>) =>
  JSON.stringify([provider, clientId, origin]);

async function readMethods(db: Queryable): Promise<Map<string, Found>> {
  const { rows } = await db.query<Omit<ClientAt, 'declared'> & Found>(
    `SELECT provider, client_id AS "clientId", token_origin AS origin, method, declared
     FROM client_authentications`,
  );
  return new Map(rows.map((row) => [keyOf(row), { method: row.method, declared: row.declared }]));
}
