import type { Application, Arrival } from './application';
import type { Connections } from './connections';
import type { Counts } from './counts';
import type { Grants } from './grants';
import type { Sender, Sent } from './sender';
import type { Connection, Grant } from './state';

/** An integration that was not made here. */
export class UnknownConnectionError extends Error {
  override readonly name = 'UnknownConnectionError';

  constructor(integrationId: string) {
    super(`The playground has no integration ${integrationId}.`);
  }
}

/** Everything that can be done on the page, for programs. */
export interface PlaygroundControl {
  /** @returns the link on which the user connects. @throws HoldfastApiError */
  connect(userId: string, name: string): Promise<{ integrationId: string; url: string }>;
  /** @returns another link. @throws HoldfastApiError, UnknownConnectionError */
  reconnect(integrationId: string): Promise<{ url: string }>;
  /** @returns how many were alive until now */
  revokeGrants(account: string): number;
  /** @throws UnknownConnectionError */
  sendWebhooks(integrationId: string, count: number): Promise<Sent[]>;
  /** Newest first. */
  grants(): readonly Grant[];
  /** Oldest first. */
  received(integrationId?: string): readonly Arrival[];
  counts(): Counts;
}

export interface PlaygroundParts {
  application: Application;
  connections: Connections;
  counts: Counts;
  grants: Grants;
  sender: Sender;
}

export const revokedByPerson = 'revoked by its owner';

export function createControl(parts: PlaygroundParts): PlaygroundControl {
  const { application, connections, counts, grants, sender } = parts;
  const known = (integrationId: string): Connection => {
    const connection = connections.find(integrationId);
    if (connection === undefined) throw new UnknownConnectionError(integrationId);
    return connection;
  };
  return {
    connect: (userId, name) => connections.connect(userId, name),
    reconnect: async (integrationId) => ({ url: await connections.link(known(integrationId)) }),
    revokeGrants: (account) =>
      grants
        .list()
        .filter((grant) => grant.account === account && grants.revoke(grant.id, revokedByPerson))
        .length,
    sendWebhooks: async (integrationId, count) => sender.send(known(integrationId), count),
    grants: () => grants.list(),
    received: (integrationId) => application.received(integrationId),
    counts: () => ({ ...counts }),
  };
}
