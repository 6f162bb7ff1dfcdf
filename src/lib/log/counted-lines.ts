/** What is counted together: a line's fields that are always the same. */
interface Kind {
  key: string;
  fields: object;
}

/** Things of many kinds that happen any number of times a second, and are worth one line of a kind at a time. */
export interface CountedLines {
  /**
   * @param kind its own
   * @param others where it is counted beyond `maxKinds`
   * @param details of the last one
   */
  add(kind: Kind, others: Kind, details: object): void;
  /** Writes what is still only counted. */
  close(): void;
}

interface Line {
  fields: object;
  /** Since its last line. */
  count: number;
  details: object;
}

/**
 * The first of a kind is written at once; those of each interval after it as one line, with how many they were.
 *
 * @param write a line of the kind's fields, the last one's details, and `count`
 */
export function createCountedLines(
  write: (line: object) => void,
  { everyMs, maxKinds }: { everyMs: number; maxKinds: number },
): CountedLines {
  const lines = new Map<string, Line>();

  function say(line: Line): void {
    const { fields, details, count } = line;
    write({ ...fields, ...details, count });
    line.count = 0;
  }

  function sayAll(): void {
    for (const [key, line] of lines) {
      if (line.count > 0) say(line);
      else lines.delete(key);
    }
  }

  const timer = setInterval(sayAll, everyMs);
  timer.unref();
  return {
    add: (kind, others, details) => {
      const { key, fields } = lines.has(kind.key) || lines.size < maxKinds ? kind : others;
      const known = lines.get(key);
      if (known !== undefined) {
        known.count++;
        known.details = details;
        return;
      }
      const line = { fields, details, count: 1 };
      lines.set(key, line);
      say(line);
    },
    close: () => {
      clearInterval(timer);
      sayAll();
    },
  };
}

/** One kind of them. */
export interface CountedWarning {
  /** @param details of the last one */
  add(details: object): void;
  /** Writes what is still only counted. */
  close(): void;
}

/** @param write a line of the last one's details, and `count` */
export function createCountedWarning(
  write: (line: object) => void,
  everyMs: number,
): CountedWarning {
  const lines = createCountedLines(write, { everyMs, maxKinds: 1 });
  const kind = { key: '', fields: {} };
  return { add: (details) => lines.add(kind, kind, details), close: () => lines.close() };
}
