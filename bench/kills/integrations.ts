import type { Target } from './load';

/** The application's API, as far as it is needed here. */
export interface Api {
  gatewayUrl: string;
  apiKey: string;
}

/** What a fault must not change, of one integration. */
export interface Standing {
  status: string;
  transition: number;
  pending: number;
}

interface View {
  id: string;
  status: string;
  transition: number;
  webhookSecret: string;
  inbox: { pending: number };
}

/** @throws Error with the answer where it isn't created */
export async function createTarget(
  api: Api,
  index: number,
  destinationUrl: string,
): Promise<Target> {
  const { id, webhookSecret } = await call(api, 'POST', '/v1/integrations', {
    ...{ userId: `user-${index}`, name: `integration-${index}`, provider: 'kills' },
    credentials: {
      main: {
        accessToken: `access-of-${index}`,
        refreshToken: `refresh-of-${index}`,
        expiresAt: new Date(Date.now() + 60_000).toISOString(),
      },
    },
    destination: { url: destinationUrl },
  });
  return { id, secret: webhookSecret };
}

/** @throws Error where the gateway doesn't say */
export async function standingOf(api: Api, id: string): Promise<Standing> {
  const { status, transition, inbox } = await call(api, 'GET', `/v1/integrations/${id}`);
  return { status, transition, pending: inbox.pending };
}

async function call(
  { gatewayUrl, apiKey }: Api,
  method: string,
  path: string,
  body?: object,
): Promise<View> {
  const answer = await fetch(gatewayUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as View;
}
