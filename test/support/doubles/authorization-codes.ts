import { createHash, randomBytes } from 'node:crypto';

interface Issued {
  account: string;
  challenge: string;
  redirectUri: string;
}

/** A provider's side of RFC 6749 section 4.1 with PKCE S256, for people who always agree. */
export interface AuthorizationCodes {
  /** @returns where the browser is led back to */
  authorize(request: URLSearchParams, account: string): string;
  /** @returns whose code it is; null where it is unknown, used, or not this client's */
  redeem(form: URLSearchParams): string | null;
}

export function createAuthorizationCodes(): AuthorizationCodes {
  const codes = new Map<string, Issued>();
  return {
    authorize: (request, account) => {
      if (request.get('code_challenge_method') !== 'S256') throw new Error('no PKCE with S256');
      const code = randomBytes(18).toString('base64url');
      const redirectUri = request.get('redirect_uri') ?? '';
      codes.set(code, { account, redirectUri, challenge: request.get('code_challenge') ?? '' });
      const back = new URL(redirectUri);
      back.search = new URLSearchParams({ code, state: request.get('state') ?? '' }).toString();
      return back.href;
    },
    redeem: (form) => {
      const code = form.get('code') ?? '';
      const issued = codes.get(code);
      codes.delete(code);
      if (issued === undefined || issued.redirectUri !== form.get('redirect_uri')) return null;
      const verifier = form.get('code_verifier') ?? '';
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      return challenge === issued.challenge ? issued.account : null;
    },
  };
}
