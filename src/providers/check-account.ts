import { jsonPointer } from './validation/address';
import { asObject, object, oneOf, text, type Check } from './validation/checks';

/**
 * An account comes from one of several places.
 * @param parameters the ones that are declared
 */
export function account(url: Check, parameters: readonly string[]): Check {
  const labelPointer = jsonPointer;
  const sources: Record<string, Check> = {
    url: object({ url, pointer: jsonPointer, labelPointer }, ['pointer']),
    idTokenClaim: object({ idTokenClaim: text }),
    tokenResponsePointer: object({ tokenResponsePointer: jsonPointer, labelPointer }),
    parameter: object({ parameter: oneOf(...parameters) }),
  };
  return (value, path, report) => {
    const given = asObject(value, path, report);
    if (given === undefined) return;
    const named = Object.keys(sources).filter((name) => given[name] !== undefined);
    const [name = ''] = named;
    if (named.length === 1) sources[name]?.(given, path, report);
    else report(path, `must have one of ${Object.keys(sources).join(', ')}`);
  };
}
