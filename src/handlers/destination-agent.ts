import { Agent } from 'undici';

/**
 * Connections to destinations. Kept alive for a few seconds only: a destination that closes an
 * idle connection in the moment of a request costs that delivery an attempt.
 */
export function createDestinationAgent(): Agent {
  return new Agent({
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 4000,
    connect: { timeout: 10_000 },
    // Each exchange has a time limit of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
