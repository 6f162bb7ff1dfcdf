import type { Provider } from '../../src/providers/provider';

/** A provider that could not say is asked again this soon. */
export const unknownProbeDelayMs = 5 * 60_000;
/** After this, a provider that refused a token is asked a second time. */
export const secondProbeDelayMs = 15_000;

/**
 * Until the provider is asked next, spread so that many aren't asked together; null where it declares no
 * probe. Milliseconds.
 *
 * @param random from 0 to 1
 */
export function probeDelayMs({ probe }: Pick<Provider, 'probe'>, random: number): number | null {
  return probe === undefined ? null : probe.everySeconds * 1_000 * (1 - 0.1 * random);
}
