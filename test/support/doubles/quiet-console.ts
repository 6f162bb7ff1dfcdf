/**
 * Swallows what a server for tests prints about being none for production.
 * @returns puts the console back
 */
export function quietConsole(...methods: ('warn' | 'info')[]): () => void {
  const before = { ...console };
  for (const method of methods) console[method] = () => undefined;
  return () => {
    Object.assign(console, before);
  };
}
