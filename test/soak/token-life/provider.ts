import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'oidc-provider';
import { freePort } from '../../support/processes/free-port';
import { createIssued, hashOf, type Issued, type TokenAnswer } from './issued';
import type { Presentation } from './presentation';
import { quietConsole } from '../../support/doubles/quiet-console';

/** Called when the provider has rotated a refresh token and nothing of its answer has left. */
export type Strike = (shown: Presentation) => Promise<'answer' | 'drop'>;

/** A real authorization server that rotates refresh tokens and punishes reuse; it knows who asks. */
export interface LifeProvider {
  issuer: string;
  issued: Issued;
  shown: Presentation[];
  /** Uses of access tokens, and by which process. */
  uses: { pid: number; status: number }[];
  /** An address of its own for whoever `pid` says. */
  door(pid: () => number): Promise<string>;
  /** The next rotation is struck. @returns once it was */
  strikeNext(strike: Strike): Promise<Presentation>;
  close(): Promise<void>;
}

export interface LifeProviderOptions {
  /** Seconds. */
  accessTokenTtl: number;
  redirectUri: string;
  /** How long an answer to a refresh is on its way. */
  answerMs: () => number;
}

const day = 86_400;

export async function startLifeProvider(options: LifeProviderOptions): Promise<LifeProvider> {
  const issuer = `http://127.0.0.1:${String(await freePort())}`;
  const issued = createIssued();
  const shown: Presentation[] = [];
  const uses: LifeProvider['uses'] = [];
  const askers = new Map<number, () => number>();
  const strikes: Strike[] = [];
  const servers: http.Server[] = [];
  const provider = await rotatingProvider(issuer, options);
  provider.on('grant.revoked', (_context, grantId) => issued.revoked(grantId));
  provider.use(async (context, next) => {
    const pid = askers.get(context.req.socket.localPort ?? 0)?.() ?? 0;
    if (context.path === '/token') return token(context, next, pid);
    await next();
    if (context.path === '/me') uses.push({ pid, status: context.status });
  });

  async function token(context: Context, next: () => Promise<void>, pid: number): Promise<void> {
    const startedAt = Date.now();
    await next();
    const { params, entities } = context.oidc;
    const answer = context.body as TokenAnswer & { error?: string };
    if (answer.error === undefined) {
      const { accountId = '', grantId = '' } = entities.AccessToken ?? {};
      issued.note(answer, accountId, grantId);
    }
    const secret = params?.['refresh_token'];
    if (secret === undefined) return;
    const hash = hashOf(secret);
    const one: Presentation = {
      ...{ token: hash, account: issued.accountOf(hash), pid, startedAt, decidedAt: Date.now() },
      ...{ outcome: answer.error ?? 'rotated', answered: false },
      ...(answer.refresh_token === undefined ? {} : { brought: hashOf(answer.refresh_token) }),
    };
    shown.push(one);
    context.res.once('close', () => {
      one.answered = context.res.writableFinished;
    });
    const strike = one.outcome === 'rotated' ? strikes.shift() : undefined;
    if (strike === undefined) await delay(options.answerMs());
    else if ((await strike(one)) === 'drop') context.req.socket.destroy();
  }

  async function listen(port: number): Promise<number> {
    const server = http.createServer(provider.callback());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  await listen(Number(new URL(issuer).port));
  return {
    ...{ issuer, issued, shown, uses },
    door: async (pid) => {
      const port = await listen(0);
      askers.set(port, pid);
      return `http://127.0.0.1:${String(port)}`;
    },
    strikeNext: (strike) =>
      new Promise((resolve, reject) => {
        strikes.push(async (one) => {
          const how = strike(one);
          how.then(() => resolve(one), reject);
          return how;
        });
      }),
    close: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function rotatingProvider(
  issuer: string,
  { accessTokenTtl, redirectUri }: LifeProviderOptions,
) {
  // It warns of what it is not meant for, already when it is loaded.
  const restoreConsole = quietConsole('warn', 'info');
  const { Provider } = await import('oidc-provider');
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'holdfast',
        client_secret: 'the-client-secret',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: ['a-key-for-tests'] },
    scopes: ['openid', 'offline_access'],
    claims: { openid: ['sub'] },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    rotateRefreshToken: true,
    ttl: {
      ...{ AccessToken: accessTokenTtl, Grant: day, IdToken: day, Interaction: day },
      ...{ RefreshToken: day, Session: day },
    },
  });
  restoreConsole();
  return provider;
}
