/** Whether the text is a JSON Pointer (RFC 6901 section 3). */
export function isJsonPointer(text: string): boolean {
  return /^(\/([^~/]|~[01])*)*$/.test(text);
}

/**
 * The value that a JSON Pointer (RFC 6901) points at, `undefined` where there is none. Inherited
 * properties (`/constructor`) are none.
 */
export function readPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** What the first of several JSON Pointers that finds a value points at; `null` counts as none. */
export function readFirst(document: unknown, pointers: string | readonly string[]): unknown {
  for (const pointer of typeof pointers === 'string' ? [pointers] : pointers) {
    const value = readPointer(document, pointer);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}
