import { createHmac } from 'node:crypto';
import { equalSecrets } from '../../crypto/hash';

export type TokenKind = 'access' | 'refresh';

export interface TokenContent {
  kind: TokenKind;
  grantId: string;
  /** When an access token ends (milliseconds since 1970); a refresh token's generation. */
  value: number;
}

/** A token that carries what it stands for and a signature, so that none has to be stored. */
export function mintToken(key: string, { kind, grantId, value }: TokenContent): string {
  const content = `${kind}.${grantId}.${value}`;
  return `${content}.${sign(key, content)}`;
}

/** @returns undefined where this is no token of ours */
export function readToken(key: string, token: string): TokenContent | undefined {
  const [kind, grantId, value, signature, ...rest] = token.split('.');
  if (grantId === undefined || value === undefined || signature === undefined) return undefined;
  if ((kind !== 'access' && kind !== 'refresh') || rest.length > 0) return undefined;
  if (!equalSecrets(signature, sign(key, `${kind}.${grantId}.${value}`))) return undefined;
  return { kind, grantId, value: Number(value) };
}

const sign = (key: string, content: string) =>
  createHmac('sha256', key).update(content).digest('base64url');
