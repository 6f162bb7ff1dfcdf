import { refreshTokens, type RefreshOptions } from '../../../src/oauth/refresh';
import type { Provider } from '../../../src/providers/provider';
import { acme, serve } from '../loopback';

export const refreshToken = 'the-refresh-token';

/** One attempt, whose outcome holds nothing of what was sent or answered. */
export async function refresh(
  provider: Provider,
  options: Partial<RefreshOptions> & { unansweredBefore?: boolean; timeoutMs?: number } = {},
) {
  const { unansweredBefore = false, timeoutMs = 10_000, ...rest } = options;
  const outcome = await refreshTokens(
    provider,
    { refreshToken, unansweredBefore },
    { signal: AbortSignal.timeout(timeoutMs), ...rest },
  );
  delete outcome.asked;
  expect(JSON.stringify(outcome)).not.toContain('the-');
  return outcome;
}

export type Answer = [status: number, body: string, headers?: Record<string, string>];
export const json = { 'content-type': 'application/json' };

/** One attempt at a server that gives this answer. */
export async function refreshAgainst(
  [status, body, headers = json]: Answer,
  options: { rules?: Provider['refreshErrors']; unansweredBefore?: boolean } = {},
) {
  const server = await serve((response) => response.writeHead(status, headers).end(body));
  const rules = options.rules === undefined ? {} : { refreshErrors: options.rules };
  const provider = acme(`http://127.0.0.1:${server.port}`, {}, rules);
  const outcome = await refresh(provider, { unansweredBefore: options.unansweredBefore ?? false });
  expect(server.requests).toHaveLength(1);
  return outcome;
}

export const transient = (code: string, more: object = {}) => ({
  kind: 'transient',
  code,
  unanswered: false,
  ...more,
});
