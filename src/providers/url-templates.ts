import { HoldfastError } from '../lib/errors';

const placeholder = /\{([^{}]*)\}/g;
/** RFC 3986 section 2.3: nothing that could end a host or begin a path, a query or a user. */
const unreserved = /^[A-Za-z0-9._~-]+$/;

/** The names of an address's placeholders: `https://{shop}/token` has `shop`. */
export function placeholdersOf(address: string): string[] {
  return [...address.matchAll(placeholder)].map((match) => match[1] ?? '');
}

/**
 * An address with what a connection brought in its placeholders, each part checked first.
 * @param declared the provider's parameters: what each must match, as a whole
 * @throws HoldfastError `invalid_request` where a parameter is missing or doesn't match
 */
export function fillAddress(
  address: string,
  declared: Readonly<Record<string, RegExp>> = {},
  given: Readonly<Record<string, string>> = {},
): string {
  return address.replaceAll(placeholder, (_match, name: string) => {
    const pattern = Object.hasOwn(declared, name) ? declared[name] : undefined;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (pattern === undefined || value === undefined) {
      throw new HoldfastError('invalid_request', `The parameter "${name}" is missing.`);
    }
    if (!matchesWhole(pattern, value)) {
      throw new HoldfastError('invalid_request', `The parameter "${name}" has an unknown form.`);
    }
    return value;
  });
}

/**
 * Whether a connection brought every part that its provider's addresses may need.
 * @throws HoldfastError `invalid_request`
 */
export function checkDeclared(
  declared: Readonly<Record<string, RegExp>> = {},
  given: Readonly<Record<string, string>> = {},
): void {
  for (const name of Object.keys(declared)) fillAddress(`{${name}}`, declared, given);
}

/** Whether two connections fill the addresses alike. */
export function sameParameters(
  one: Readonly<Record<string, string>> | null,
  other: Readonly<Record<string, string>> | null,
): boolean {
  const [a, b] = [Object.entries(one ?? {}), other ?? {}];
  return (
    a.length === Object.keys(b).length &&
    a.every(([name, value]) => Object.hasOwn(b, name) && b[name] === value)
  );
}

/** As long as a value is that a pattern is tried on. */
export const longestParameter = 255;

/** Anchored here, whatever the declaration forgot: `/shop\.example/` must not let in `shop.example.evil`. */
export const wholePattern = ({ source, flags }: RegExp): RegExp =>
  new RegExp(`^(?:${source})$`, flags.replaceAll(/[gmy]/g, ''));

/** Whether a part of an address is what its provider declares it to be, as a whole. */
export const matchesWhole = (pattern: RegExp, value: string): boolean =>
  value.length <= longestParameter &&
  unreserved.test(value) &&
  !/^\.+$/.test(value) &&
  wholePattern(pattern).test(value);
