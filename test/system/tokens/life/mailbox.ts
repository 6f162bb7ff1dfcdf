import type { CredentialInvalidated, Reauthorized } from '../../../../workflows/contract/messages';

/** A signal to an integration's actor, as it was sent. */
export interface Mail {
  to: string;
  kind: 'credentialInvalidated' | 'reauthorized';
  /** None is an operator's word. */
  args: [] | [CredentialInvalidated | Partial<Reauthorized>];
}

/** Takes signals in place of Temporal, and delivers none: they come late, twice, in any order or never. */
export function createMailbox() {
  const mails: Mail[] = [];
  const put = (mail: Mail) => {
    // Two runs that meet tell the same, and which of them more often is chance.
    const same = mails.some(
      ({ to, kind, args }) =>
        to === mail.to &&
        kind === mail.kind &&
        args[0]?.credentialId === mail.args[0]?.credentialId &&
        args[0]?.version === mail.args[0]?.version,
    );
    if (!same) mails.push(mail);
    return Promise.resolve();
  };
  return {
    mails,
    actors: {
      credentialInvalidated: (to: string, message: CredentialInvalidated) =>
        put({ to, kind: 'credentialInvalidated', args: [message] }),
      reauthorized: (to: string, message: Reauthorized) =>
        put({ to, kind: 'reauthorized', args: [message] }),
      lookAtIntegration: () => Promise.resolve(),
      lookAtCredential: () => Promise.resolve(),
      noticeWaiting: () => Promise.resolve(),
    },
  };
}
