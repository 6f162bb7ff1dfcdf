import type { Dispatcher } from 'undici';
import type { ForwardOptions, ForwardRequest } from '../../../src/handlers/forward/forward';
import { delivery, secret } from '../deliveries';

export const forwardOptions = (
  dispatcher: Dispatcher,
  changed: Partial<ForwardOptions> = {},
): ForwardOptions => ({
  dispatcher,
  signal: new AbortController().signal,
  timeoutMs: 5000,
  beforeSend: () => undefined,
  ...changed,
});

export const requestTo = (
  origin: string,
  changed: Partial<ForwardRequest> = {},
): ForwardRequest => ({
  delivery: delivery(),
  destinationUrl: `${origin}/hooks?team=1`,
  secrets: [secret],
  sequence: '42',
  installationId: 'own',
  credentialVersion: 3,
  ...changed,
});
