/** The text under a key of a JSON object; null where the body is no such thing. Never throws. */
export function textAt(body: Buffer, key: string): string | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const text = (value as Record<string, unknown>)[key];
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}
