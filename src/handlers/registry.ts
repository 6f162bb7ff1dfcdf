import type { Handler } from '../providers/provider';

/**
 * The handlers of the configuration file by name, beside the built-in `forward`.
 * @throws Error where one of them is called `forward`, or is no function
 */
export function createHandlerRegistry(
  handlers: Readonly<Record<string, Handler>>,
): ReadonlyMap<string, Handler> {
  const known = new Map(Object.entries(handlers));
  if (known.has('forward')) throw new Error('The handler name "forward" is taken: rename yours');
  for (const [name, handler] of known) {
    if (typeof handler !== 'function') throw new Error(`The handler "${name}" is not a function`);
  }
  return known;
}
