/**
 * Whether nothing listens where a connection was tried. One error may hold several: a name has several addresses, and
 * gRPC has the last one in its text.
 */
export function isNobodyThere(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, message, cause } = error as Error & { code?: unknown };
  const several: unknown[] = error instanceof AggregateError ? error.errors : [];
  return (
    code === 'ECONNREFUSED' ||
    message.includes('ECONNREFUSED') ||
    isNobodyThere(cause) ||
    several.some(isNobodyThere)
  );
}

export const nothingListens = (where: string) =>
  `Nothing listens at ${where}; is \`npm start\` running?`;
