import type { ServerResponse } from 'node:http';
import { answerJson, type Grant } from './oauth-server';

/** Answers as a token endpoint does: with tokens, or that the grant is gone. @param expiresIn seconds */
export function answerGrant(answer: ServerResponse, grant: Grant | null, expiresIn = 3600): void {
  if (grant === null) {
    answerJson(answer, 400, { error: 'invalid_grant' });
    return;
  }
  answerJson(answer, 200, {
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    token_type: 'Bearer',
    expires_in: expiresIn,
  });
}
