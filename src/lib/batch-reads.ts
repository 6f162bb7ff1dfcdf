const maxIds = 500;

interface Waiting<T> {
  id: string;
  resolve: (value: T | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes one read of those that are asked for while another one is under way: however many ask, they take one connection,
 * and leave the others to those who store.
 *
 * @returns reads one; null where there is none
 */
export function shareReads<T>(
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (id: string) => Promise<T | null> {
  const queue: Waiting<T>[] = [];
  let reading = false;

  async function next(): Promise<void> {
    const batch = queue.splice(0, maxIds);
    try {
      const found = await read([...new Set(batch.map(({ id }) => id))]);
      for (const { id, resolve } of batch) resolve(found.get(id) ?? null);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function readAll(): Promise<void> {
    reading = true;
    while (queue.length > 0) await next();
    reading = false;
  }

  return (id) =>
    new Promise((resolve, reject) => {
      queue.push({ id, resolve, reject });
      if (!reading) void readAll();
    });
}
