import { readFileSync } from 'node:fs';
import path from 'node:path';
import { logCalls } from '../../support/log-calls';

/** What Temporal's own library writes, in its own words. */
const foreign = 'src/worker/temporal-logger.ts';
const calls = logCalls().filter(({ at }) => !at.startsWith(foreign));

/** Rows of the list: `level event sentence`. */
function listed(): string[] {
  const text = readFileSync(path.resolve(__dirname, '../../../docs/reference/logs.md'), 'utf8');
  return text.split(/^## /m).flatMap((section) => {
    const [level = ''] = section.split('\n');
    return [...section.matchAll(/^\| `([^`]+)` \| ([^|]+) \|/gm)].map(
      ([, event = '', sentence = '']) => `${level} ${event} ${sentence.trim()}`,
    );
  });
}

test('every line has an event name and a sentence, in so many words', () => {
  expect(calls.length).toBeGreaterThan(80);
  const without = calls.filter(
    ({ event, sentence }) => event === undefined || sentence === undefined,
  );
  expect(without.map(({ at }) => at)).toEqual([]);
  for (const { event } of calls) expect(event).toMatch(/^[a-z_]+\.[a-z_]+$/);
});

test('an event has one sentence, whoever writes it', () => {
  const sentences = new Map<string, Set<string>>();
  for (const { event = '', sentence = '' } of calls) {
    sentences.set(event, (sentences.get(event) ?? new Set()).add(sentence));
  }
  expect([...sentences].filter(([, said]) => said.size > 1)).toEqual([]);
});

test('docs/reference/logs.md lists every line by its level, and no other', () => {
  const written = calls.flatMap(({ levels, event, sentence }) =>
    levels.map((level) => `${level} ${event} ${sentence}`),
  );
  expect(listed().sort()).toEqual([...new Set(written)].sort());
});
