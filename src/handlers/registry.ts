import { HoldfastError } from '../errors';
import type { Handler } from '../providers/provider';

export interface HandlerRegistry {
  /** @throws HoldfastError `invalid_request` where there is no handler of that name */
  resolve(name: string): Handler | 'forward';
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
  return {
    resolve: (name) => {
      if (name === 'forward') return 'forward';
      const handler = known.get(name);
      if (handler !== undefined) return handler;
      const names = ['forward', ...known.keys()].join(', ');
      throw new HoldfastError('invalid_request', `There is no handler "${name}"; known: ${names}`);
    },
  };
}
