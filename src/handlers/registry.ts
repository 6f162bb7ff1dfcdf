import type { Handler } from '../providers/provider';

export interface HandlerRegistry {
  /** @returns undefined where there is no handler of that name */
  find(name: string): Handler | 'forward' | undefined;
}

/**
 * @param handlers those of the configuration file
 * @throws Error where one of them is called `forward`, or is no function
 */
export function createHandlerRegistry(
  handlers: Readonly<Record<string, Handler>>,
): HandlerRegistry {
  const known = new Map(Object.entries(handlers));
  if (known.has('forward')) throw new Error('The handler name "forward" is taken: rename yours');
  for (const [name, handler] of known) {
    if (typeof handler !== 'function') throw new Error(`The handler "${name}" is not a function`);
  }
  return { find: (name) => (name === 'forward' ? 'forward' : known.get(name)) };
}
