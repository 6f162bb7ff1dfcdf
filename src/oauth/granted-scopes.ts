import type { OAuthDeclaration } from '../providers/provider';

type Requiring = Pick<OAuthDeclaration, 'requiredScopes'>;
/** By the provider's own word; undefined where it says nothing: what was asked for (RFC 6749 section 5.1). */
type Granted = readonly string[] | undefined;

/** The required scopes that a provider has not granted, by its own word. */
export function missingScopes({ requiredScopes = [] }: Requiring, granted: Granted) {
  return granted === undefined ? [] : requiredScopes.filter((scope) => !granted.includes(scope));
}

/** Scopes for people: in words where the declaration has some, else as the provider writes them. */
export function scopesInWords(
  { scopeLabels = {} }: Pick<OAuthDeclaration, 'scopeLabels'>,
  scopes: readonly string[],
): string[] {
  const words = scopes.map((scope) =>
    Object.hasOwn(scopeLabels, scope) ? (scopeLabels[scope] ?? scope) : scope,
  );
  return [...new Set(words)];
}
