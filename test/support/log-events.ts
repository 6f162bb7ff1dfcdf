export interface LogLine {
  level: string;
  event: string;
  [field: string]: unknown;
}

/** Lines of a log, as JSON, whose event's name begins like this. */
export const linesOf = (lines: readonly string[], event: string): LogLine[] =>
  lines.map((line) => JSON.parse(line) as LogLine).filter((line) => line.event.startsWith(event));
