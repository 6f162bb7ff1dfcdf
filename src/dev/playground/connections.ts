import { HoldfastApiError, type HoldfastApi } from './holdfast-api';
import {
  createdAnswer,
  type IntegrationAnswer,
  integrationAnswer,
  sessionAnswer,
} from './holdfast-schemas';
import type { Connection, StateFile } from './state';

/** A connection with Holdfast's view of it, or why that can't be had. */
export interface ConnectionView {
  connection: Connection;
  integration: IntegrationAnswer | undefined;
  problem: string | undefined;
}

export interface Connections {
  find(integrationId: string): Connection | undefined;
  /** Those that Holdfast doesn't have any more are forgotten. */
  view(): Promise<ConnectionView[]>;
  /**
   * Makes an integration.
   * @returns the link on which its user connects it
   * @throws HoldfastApiError
   */
  connect(userId: string, name: string): Promise<{ integrationId: string; url: string }>;
  /** @returns another link. @throws HoldfastApiError */
  link(connection: Connection): Promise<string>;
}

/** What the developer's application does at Holdfast for its users. */
export function createConnections(
  file: StateFile,
  holdfast: HoldfastApi,
  ownUrl: () => string,
): Connections {
  const { state } = file;

  const look = async (connection: Connection): Promise<ConnectionView | undefined> => {
    const path = `/v1/integrations/${connection.integrationId}`;
    try {
      const integration = await holdfast.call(integrationAnswer, 'GET', path);
      return { connection, integration, problem: undefined };
    } catch (error) {
      if (!(error instanceof HoldfastApiError)) throw error;
      if (error.code !== 'integration_not_found') {
        return { connection, integration: undefined, problem: error.message };
      }
      state.connections = state.connections.filter((other) => other !== connection);
      file.save();
      return undefined;
    }
  };

  const link = async ({ integrationId, userId }: Connection): Promise<string> => {
    const ask = async (extra: object) => {
      const body = { userId, integrationId, ...extra };
      return (await holdfast.call(sessionAnswer, 'POST', '/v1/sessions', body)).url;
    };
    try {
      return await ask({ returnTo: ownUrl() });
    } catch (error) {
      if (!(error instanceof HoldfastApiError && error.code === 'invalid_request')) throw error;
      // Where the settings don't let people return here, they come back by themselves.
      return await ask({});
    }
  };

  return {
    find: (id) => state.connections.find(({ integrationId }) => integrationId === id),
    view: async () => {
      const views = await Promise.all(state.connections.map(look));
      return views.filter((view) => view !== undefined);
    },
    connect: async (userId, name) => {
      const created = await holdfast.call(createdAnswer, 'POST', '/v1/integrations', {
        ...{ userId, name, provider: 'playground' },
        destination: { url: `${ownUrl()}/app/hook` },
      });
      const { id: integrationId, webhookUrl, webhookSecret, destination } = created;
      const connection: Connection = {
        ...{ integrationId, userId, name, webhookUrl, webhookSecret },
        ...{ destinationSecret: destination.secret, sent: 0 },
      };
      state.connections.push(connection);
      file.save();
      return { integrationId, url: await link(connection) };
    },
    link,
  };
}
