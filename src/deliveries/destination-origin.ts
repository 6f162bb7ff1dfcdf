/** Who handles an integration's deliveries. */
interface Target {
  handler: string;
  destinationUrl: string | null;
}

/**
 * What deliveries share that fail together, hang together and are told of together: the origin of the destination's URL, or
 * `handler:<name>` where the application's own code handles them.
 *
 * @returns null where nothing handles them
 */
export function destinationOrigin({ handler, destinationUrl }: Target): string | null {
  if (handler !== 'forward') return `handler:${handler}`;
  if (destinationUrl === null || !URL.canParse(destinationUrl)) return null;
  return new URL(destinationUrl).origin;
}
