import type { OAuthDeclaration } from '../providers/provider';

type Granted = readonly string[] | undefined;

/**
 * What a provider says that it granted, from the `scope` of its answer: between spaces (RFC 6749 section 3.3), or commas as
 * GitHub and Slack write it.
 *
 * @returns undefined where it says nothing: what was asked for (section 5.1)
 */
export function scopesOf(scope: string | undefined): string[] | undefined {
  return scope?.split(/[\s,]+/).filter((one) => one !== '');
}

/** The required scopes that a provider has not granted, by its own word. */
export function missingScopes({ requiredScopes = [] }: OAuthDeclaration, granted: Granted) {
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
