import type { DeathCode } from '../../workflows/contract';

/** The provider's words that are Holdfast's own too. */
const shared: readonly DeathCode[] = [
  'invalid_grant',
  'invalid_scope',
  'interaction_required',
  'consent_required',
  'login_required',
  'unauthorized_client',
];

/** A provider's error as one of Holdfast's codes: what has none of its own is `invalid_grant`. */
export function deathCodeOf(error: string | undefined): DeathCode {
  return shared.find((code) => code === error) ?? 'invalid_grant';
}
