import isSafe from 'safe-regex2';
import { longestParameter, wholePattern } from '../url-templates';
import type { Check } from './checks';

/**
 * A regular expression that answers soon, whatever a connection brings: without nested quantifiers, and with no way of
 * backtracking that trials on long values meet. Nested quantifiers are all refused, harmless ones too.
 */
export const pattern: Check = (value, path, report) => {
  if (!(value instanceof RegExp)) report(path, 'must be a regular expression');
  else if (!isSafe(withoutOptional(value), { limit: Infinity })) {
    report(path, 'must not have nested quantifiers, as in (a+)+: a value could stop the process');
  } else if (backtracksLong(value)) {
    report(path, 'must not backtrack for long, as (a|a)* does: a value could stop the process');
  }
};

/** A group that may be missing repeats nothing, but counts as a quantifier there. */
const withoutOptional = ({ source }: RegExp) => source.replaceAll(/\)\?\??/g, ')');

const longMs = 20;
/** Of what values are made of; the last fits in few patterns, so that the rest is tried in every way. */
const characters = ['a', 'Z', '0', '9', '.', '-', '_', '~'] as const;
/** In small steps, so that the first one that takes long does not take for ever. */
const lengths = [...steps(8, 40, 1), ...steps(44, longestParameter, 6)];

function backtracksLong(value: RegExp): boolean {
  const whole = wholePattern(value);
  const pairs = [...value.source.matchAll(/(?=([A-Za-z0-9]{2}))/g)].map((match) => match[1] ?? '');
  const singles = [...value.source.matchAll(/[A-Za-z0-9]/g)].map(([one]) => one);
  const units = new Set([...characters, ...singles, ...pairs]);
  return [...units].some((unit) =>
    lengths.some((length) => {
      const text = `${unit.repeat(length).slice(0, length - 1)}~`;
      // A pause of the process is none of the pattern's.
      return [1, 2, 3].every(() => tookMs(whole, text) > longMs);
    }),
  );
}

function tookMs(whole: RegExp, text: string): number {
  const from = performance.now();
  whole.test(text);
  return performance.now() - from;
}

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}
