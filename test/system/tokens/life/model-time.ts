import type { ModelCredential } from './model-credential';
import type { Move } from './rows';

/** What has come with a time that was moved. */
export function moveInModel(credential: ModelCredential, move: Move): void {
  const { streak, claim } = credential;
  if (credential.version === 0) return;
  switch (move) {
    case 'the token ends':
      Object.assign(credential, { ended: true, due: true });
      break;
    case 'the refresh is due':
      credential.due = true;
      break;
    case 'the back-off is over':
      if (credential.retry === 'waits') credential.retry = 'over';
      break;
    case 'the claim is over':
      if (claim !== null) claim.lasts = false;
      break;
    case 'the trial may go on':
      if (credential.trial === 'waits') credential.trial = 'due';
      credential.triedLately = false;
      break;
    case 'the refused may be tried again':
      if (streak !== null) streak.waits = false;
      break;
    case 'refused for an hour':
      if (streak !== null) streak.long = true;
      break;
    case 'refused long ago':
      if (streak !== null) streak.recent = false;
      break;
    case 'the token is no longer new':
      credential.young = false;
      break;
  }
}
