import type { IdentityFixture } from './identity-fixture';

/** Secrets of a run that got into its log: tokens, codes, states, links. Empty if all is well. */
export function loggedSecrets({ logged, server, known }: IdentityFixture): string[] {
  const lines = logged.join('');
  if (lines === '') throw new Error('nothing was logged, so nothing was looked at');
  const secrets = [...server.issued, ...known].filter((secret) => secret !== '');
  if (secrets.length === 0) throw new Error('there was no secret to look for');
  return [
    ...secrets.filter((secret) => lines.includes(secret)),
    ...(/[?&](?:code|state)=|\/s\/[\w-]{10}|the-client-secret/.exec(lines) ?? []),
  ];
}
