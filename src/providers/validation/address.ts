import { isText, type Check } from './checks';
import { isJsonPointer } from '../../lib/json-pointer';
import { mayCarrySecrets } from '../../lib/http/send-once';
import { placeholdersOf } from '../url-templates';

/** @param parameters the placeholders that are declared */
export function address(parameters: readonly string[]): Check {
  return (value, path, report) => {
    const url = parse(value, path, parameters, report);
    if (url === undefined) return;
    if (url.username !== '' || url.password !== '') report(path, 'must hold no user or password');
    if (url.hash !== '') report(path, 'must have no fragment (#…)');
  };
}

/** Scheme, host and port only: what comes after would look like a limit and be none. */
export function origin(parameters: readonly string[]): Check {
  return (value, path, report) => {
    const url = parse(value, path, parameters, report);
    if (url !== undefined && url.href !== `${url.origin}/`) {
      report(path, 'must be an origin, such as https://api.example.com');
    }
  };
}

export const jsonPointer: Check = (value, path, report) => {
  if (typeof value !== 'string' || !isJsonPointer(value)) {
    report(path, 'must be a JSON Pointer (RFC 6901), such as /account/id');
  }
};

function parse(
  value: unknown,
  path: string,
  parameters: readonly string[],
  report: Parameters<Check>[2],
): URL | undefined {
  if (!isText(value)) {
    report(path, 'must be an address');
    return undefined;
  }
  const unknown = placeholdersOf(value).filter((name) => !parameters.includes(name));
  for (const name of unknown) report(path, `has {${name}}, which "parameters" doesn't declare`);
  const filled = value.replaceAll(/\{[^{}]*\}/g, 'x');
  if (!URL.canParse(filled)) {
    report(path, 'must be an address, such as https://example.com/token');
    return undefined;
  }
  const url = new URL(filled);
  if (!mayCarrySecrets(url)) report(path, 'must begin with https:// (http:// on loopback only)');
  return url;
}
