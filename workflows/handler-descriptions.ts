/** What an operator reads in the Temporal UI beside each thing that can be sent to an actor. */
export const integrationHandlers = {
  webhookReceived: { description: 'Something is in the inbox. Ignored unless ENABLED.' },
  credentialInvalidated: {
    description:
      'Version `version` of credential `credentialId` is dead. Without input: whatever the credentials hold now is dead.',
  },
  reauthorized: {
    description:
      'Other tokens were stored. Without a version: the provider is asked about dead credentials once more (at most once a minute, for an hour where it gives no answer); those that it accepts are alive again. {"resume":true} also ends a switch-off then.',
  },
  holdChanged: { description: 'Look at the credentials and the inbox again.' },
  deleted: { description: 'The row is gone: the actor looks, and ends.' },
  status: { description: 'The whole state.' },
  enable: {
    description: 'Switches it on: {"by":"<you>","reason":"<optional>"}. Refused in ERROR.',
  },
  disable: { description: 'Switches it off: {"by":"<you>","reason":"<optional>"}.' },
};

export const credentialHandlers = {
  stored: {
    description: 'Other tokens were stored, as `version`, or a time has come: read the row again.',
  },
  deleted: { description: 'The row is gone: the actor looks, and ends.' },
  status: { description: 'The grant as it is known; never a token.' },
  refresh: {
    description: 'A token that works: {"rejectedVersion":<the version that was refused>}, or {}.',
  },
};
