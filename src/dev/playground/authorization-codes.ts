import { equalSecrets, randomToken, sha256 } from '../../crypto/hash';

export interface CodeRequest {
  redirectUri: string;
  /** PKCE, S256 (RFC 7636 section 4.2). */
  codeChallenge: string;
  account: string;
  scope: string;
}

interface IssuedCode extends CodeRequest {
  endsAt: number;
  used: boolean;
  /** The grant that it was changed for. */
  grantId: string | undefined;
}

type Redeemed =
  { kind: 'good'; code: IssuedCode } | { kind: 'replayed'; grantId: string } | { kind: 'refused' };

export interface AuthorizationCodes {
  issue(request: CodeRequest): string;
  /** Uses the code up, whether it fits or not. */
  redeem(code: string, redirectUri: string, codeVerifier: string): Redeemed;
}

const lifetimeMs = 60_000;
const verifierPattern = /^[A-Za-z0-9\-._~]{43,128}$/;

/** Codes on their way through a browser; those of a process that ended are gone with it. */
export function createAuthorizationCodes(): AuthorizationCodes {
  const codes = new Map<string, IssuedCode>();
  return {
    issue: (request) => {
      const now = Date.now();
      for (const [code, { endsAt }] of codes) if (endsAt <= now) codes.delete(code);
      const code = randomToken(24);
      codes.set(code, { ...request, endsAt: now + lifetimeMs, used: false, grantId: undefined });
      return code;
    },
    redeem: (text, redirectUri, codeVerifier) => {
      const code = codes.get(text);
      if (code === undefined || code.endsAt <= Date.now()) return { kind: 'refused' };
      if (code.used) {
        const { grantId } = code;
        return grantId === undefined ? { kind: 'refused' } : { kind: 'replayed', grantId };
      }
      code.used = true;
      const fits = code.redirectUri === redirectUri && matches(codeVerifier, code.codeChallenge);
      return fits ? { kind: 'good', code } : { kind: 'refused' };
    },
  };
}

const matches = (verifier: string, challenge: string): boolean =>
  verifierPattern.test(verifier) && equalSecrets(sha256(verifier).toString('base64url'), challenge);
