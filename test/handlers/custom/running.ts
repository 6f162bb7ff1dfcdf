import { runHandler, type HandlerRun } from '../../../src/handlers/custom/run-handler';
import type { AttemptResult } from '../../../src/handlers/attempt-result';
import type { TokenAnswer, TokenSource } from '../../../src/credentials/token-source';
import { createLog } from '../../../src/lib/log';
import { openOutgoing } from '../../support/connections';
import { delivery } from '../deliveries';

export const api = 'http://127.0.0.1:1/';
export const main = { name: 'main', version: 1, accountId: 'acct', expiresAt: null };
export const dead: TokenAnswer = { kind: 'dead', version: 1, code: 'invalid_grant' };

/** Tokens as they are, and as they are after a refusal. */
export const source = (token: TokenAnswer, refused = token): TokenSource => ({
  token: () => Promise.resolve(token),
  refused: () => Promise.resolve(refused),
  accepted: () => Promise.resolve(),
});

/** Runs a handler whose credential is dead, unless said otherwise. */
export function run(
  handler: HandlerRun['handler'],
  changed: Partial<HandlerRun> = {},
): Promise<AttemptResult> {
  return runHandler({
    handler,
    delivery: delivery(),
    credentials: [main],
    tokens: source(dead),
    origins: () => ['http://127.0.0.1:1'],
    dispatcher: openOutgoing.dispatcher,
    timeoutMs: 5000,
    signal: new AbortController().signal,
    log: createLog('silent'),
    ...changed,
  });
}
