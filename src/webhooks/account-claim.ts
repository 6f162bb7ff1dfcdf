import type { WebhookDeclaration } from '../providers/webhook-declaration';

interface Claim {
  isProven: boolean;
  isUsersOwn: boolean;
  isSomebodys: boolean;
  isFromBefore: boolean;
}

/**
 * Whether an integration gets an account's events at the application's address. A claim that nobody has proven counts
 * until another user proves the account. One that may have been proven before that was noted is not shut out by a newcomer.
 */
export function isClaimGood(claim: Claim, proof: WebhookDeclaration['accountProof']): boolean {
  if (proof === 'oauth') return claim.isProven;
  return claim.isProven || claim.isUsersOwn || claim.isFromBefore || !claim.isSomebodys;
}
