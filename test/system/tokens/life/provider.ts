import type { ServerResponse } from 'node:http';
import {
  answerJson,
  type OAuthServer,
  startOAuthServer,
} from '../../../support/doubles/oauth-server';

/** What the token endpoint does with the next refresh token that it is shown. */
export const scripts = [
  'rotates',
  'keeps the old one',
  'has revoked it',
  'says so with 200',
  'is unavailable',
  'is busy',
  'refuses the application',
  'rotates and hangs up',
  'hangs up',
  'gives up waiting',
  'rotates and talks nonsense',
] as const;
export type Script = (typeof scripts)[number];

/** What that comes to, for whoever asked. */
export type Said = 'tokens' | 'invalid_grant' | 'app fault' | 'passes' | 'nothing';

export interface Showing {
  token: string;
  said: Said;
}

const consuming: readonly Script[] = [
  'rotates',
  'has revoked it',
  'says so with 200',
  'rotates and hangs up',
  'rotates and talks nonsense',
];

/** A token endpoint that answers by script, and may keep an answer back. */
export interface ScriptedProvider {
  server: OAuthServer;
  next(script: Script, hold: boolean): void;
  /** Every refresh token that was shown, in order. */
  showings: Showing[];
  /** Waits until there are more than `count` showings. */
  shownMoreThan(count: number): Promise<void>;
  /** Sends what the latest showing was told, if that is kept back. */
  takeHeld(): () => void;
}

/** @param onShown looks at the rows while the token is on the table, before it is answered */
export async function startScriptedProvider(
  onShown: (token: string) => Promise<void>,
): Promise<ScriptedProvider> {
  const server = await startOAuthServer();
  const spent = new Set<string>();
  const showings: Showing[] = [];
  let plan: { script: Script; hold: boolean } = { script: 'rotates', hold: false };
  let held: (() => void) | null = null;
  let waiting: (() => void)[] = [];

  server.behave((answer, rotate, token) => {
    const { script, hold } = plan;
    const isGood = !spent.has(token);
    const grant = consuming.includes(script) ? rotate() : null;
    if (consuming.includes(script)) spent.add(token);
    const tokens = {
      access_token: grant?.accessToken ?? server.grant().accessToken,
      ...(grant === null ? {} : { refresh_token: grant.refreshToken }),
      token_type: 'Bearer',
      expires_in: 3600,
    };
    const [said, send] = sayingOf(script, answer, isGood ? tokens : null);
    void onShown(token).finally(() => {
      showings.push({ token, said });
      if (hold) held = send;
      else send();
      for (const go of waiting.splice(0)) go();
    });
  });

  return {
    server,
    showings,
    next: (script, hold) => {
      plan = { script, hold };
    },
    shownMoreThan: async (count) => {
      while (showings.length <= count) await new Promise<void>((go) => waiting.push(go));
    },
    takeHeld: () => {
      if (held === null) throw new Error('no answer is kept back');
      const send = held;
      held = null;
      waiting = [];
      return send;
    },
  };
}

/** What it says, and how that is sent. */
function sayingOf(
  script: Script,
  answer: ServerResponse,
  tokens: object | null,
): [Said, () => void] {
  switch (script) {
    case 'rotates':
    case 'keeps the old one':
      if (tokens !== null) return ['tokens', () => answerJson(answer, 200, tokens)];
      return ['invalid_grant', () => answerJson(answer, 400, { error: 'invalid_grant' })];
    case 'has revoked it':
      return ['invalid_grant', () => answerJson(answer, 400, { error: 'invalid_grant' })];
    case 'says so with 200':
      return ['invalid_grant', () => answerJson(answer, 200, { error: 'bad_refresh_token' })];
    case 'is unavailable':
      return ['passes', () => answerJson(answer, 503, { error: 'temporarily_unavailable' })];
    case 'is busy':
      return ['passes', () => answer.writeHead(429, { 'retry-after': '30' }).end()];
    case 'refuses the application':
      return ['app fault', () => answerJson(answer, 401, { error: 'invalid_client' })];
    case 'gives up waiting':
      return ['nothing', () => answer.writeHead(504).end()];
    case 'rotates and talks nonsense':
      return ['nothing', () => answer.writeHead(200).end('<html>')];
    case 'hangs up':
    case 'rotates and hangs up':
      return ['nothing', () => answer.destroy()];
  }
}
