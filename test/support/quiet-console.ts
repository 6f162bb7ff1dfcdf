/**
 * Swallows what a server for tests prints about being none for production.
 * @returns puts the console back
 */
export function quietConsole(...methods: ('warn' | 'info')[]): () => void {
  const before = methods.map((method) => [method, console[method]] as const);
  for (const method of methods) console[method] = () => undefined;
  return () => {
    for (const [method, original] of before) console[method] = original;
  };
}
