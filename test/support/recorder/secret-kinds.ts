/** What the suite makes and nobody may find anywhere else; a whole run makes every one of them. */
export const secretKinds = [
  'access token',
  'refresh token',
  'id token',
  'authorization code',
  'code verifier',
  'oauth state',
  'client secret',
  'api key',
  'session token',
  'link code',
  'confirmation code',
  'reconnect code',
  'cookie',
  'webhook secret',
  'destination secret',
  'notify secret',
  'signing key',
  'sealing key',
  'database password',
  'webhook body',
  'token endpoint body',
] as const;

export type SecretKind = (typeof secretKinds)[number];

export interface Secret {
  kind: SecretKind;
  value: string | Uint8Array;
}

/** Where no secret may be; a whole run fills every one of them. */
export const sinks = [
  'log line',
  'process output',
  'error answer',
  'workflow history',
  'database row',
  'request to an application',
] as const;

export type Sink = (typeof sinks)[number];
