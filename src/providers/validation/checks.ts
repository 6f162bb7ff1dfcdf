import { nearest } from '../../lib/nearest';

/** Takes down one fault: where in the configuration, and what to do about it. */
export type Report = (path: string, problem: string) => void;
/** Looks at one value of the configuration and reports every fault in it. Never quotes the value. */
export type Check = (value: unknown, path: string, report: Report) => void;

/** The value as a plain object, or `undefined` with the fault reported. */
export function asObject(
  value: unknown,
  path: string,
  report: Report,
): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  report(path, 'must be an object');
  return undefined;
}

/**
 * An object with these keys and no others. A key set to `undefined` counts as absent, as with an
 * environment variable that isn't set.
 */
export function object(shape: Readonly<Record<string, Check>>, required: string[] = []): Check {
  return (value, path, report) => {
    const given = asObject(value, path, report);
    if (given === undefined) return;
    for (const [key, inner] of Object.entries(given)) {
      const check = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (inner !== undefined) check?.(inner, `${path}.${key}`, report);
    }
    refuseUnknown(given, Object.keys(shape), path, report);
    for (const key of required) {
      if (given[key] === undefined) report(`${path}.${key}`, 'is missing');
    }
  };
}

/** @param path of the object; empty for the configuration itself */
export function refuseUnknown(
  given: object,
  known: readonly string[],
  path: string,
  report: Report,
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`;
    report(path === '' ? key : `${path}.${key}`, `is unknown; ${hint}`);
  }
}

export function mapOf(check: Check): Check {
  return (value, path, report) => {
    const given = asObject(value, path, report) ?? {};
    for (const [key, inner] of Object.entries(given)) check(inner, `${path}.${key}`, report);
  };
}

export function listOf(check: Check): Check {
  return (value, path, report) => {
    if (!Array.isArray(value)) {
      report(path, 'must be a list');
      return;
    }
    value.forEach((inner, index) => check(inner, `${path}[${String(index)}]`, report));
  };
}

/** One of these, or a list of at least one. */
export function oneOrMore(check: Check): Check {
  return (value, path, report) => {
    if (!Array.isArray(value)) check(value, path, report);
    else if (value.length === 0) report(path, 'must not be an empty list');
    else listOf(check)(value, path, report);
  };
}

export function optional(check: Check): Check {
  return (value, path, report) => {
    if (value !== undefined) check(value, path, report);
  };
}

/** A check of one value, with what it must be in words. */
export function must(be: string, isGood: (value: unknown) => boolean): Check {
  return (value, path, report) => {
    if (!isGood(value)) report(path, `must be ${be}`);
  };
}

export const text = must('a text that is not empty', (value) => isText(value));

/** RFC 9110 section 5.6.2. */
export const header = must(
  'the name of a header',
  (value) => typeof value === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value),
);

/** Headers by their names. */
export const headers: Check = (value, path, report) => {
  for (const [name, inner] of Object.entries(asObject(value, path, report) ?? {})) {
    header(name, `${path}.${name}`, report);
    text(inner, `${path}.${name}`, report);
    // RFC 9110 section 5.5; and beyond U+00FF nothing can be sent.
    if (typeof inner === 'string' && !/^[\t\x20-\x7e\x80-\xff]*$/.test(inner)) {
      report(`${path}.${name}`, 'has characters that no header can hold');
    }
  }
};

/** @param known the placeholders that are filled in; a brace around anything but a name is only a brace */
export function filledWith(known: readonly string[]): Check {
  return (value, path, report) => {
    const given = asObject(value, path, () => undefined) ?? {};
    for (const [key, inner] of Object.entries(given)) {
      const names = isText(inner) ? [...inner.matchAll(/\{(\w+)\}/g)].map(([, name]) => name) : [];
      for (const name of names) {
        if (name !== undefined && !known.includes(name)) {
          const all = known.map((one) => `{${one}}`).join(', ');
          report(`${path}.${key}`, `has {${name}}; known are ${all}`);
        }
      }
    }
  };
}

export function both(...checks: Check[]): Check {
  return (value, path, report) => {
    for (const check of checks) check(value, path, report);
  };
}

/** An error as providers name them: a word, or a number. */
export const errorCode = must(
  'a text or a whole number',
  (value) => isText(value) || Number.isSafeInteger(value),
);

export function oneOf(...words: string[]): Check {
  return must(`one of ${words.join(', ')}`, (value) => words.includes(value as string));
}

export function integer(from: number, to: number): Check {
  return must(
    `a whole number from ${from} to ${to}`,
    (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
  );
}

export const boolean = must('true or false', (value) => typeof value === 'boolean');

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
