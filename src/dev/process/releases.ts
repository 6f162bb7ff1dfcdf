/** What was opened, closed in the opposite order. */
export class Releases {
  private readonly steps: { name: string; close: () => unknown }[] = [];

  /** @param name what is said to be stopped; empty: nothing */
  add(name: string, close: () => unknown): void {
    this.steps.push({ name, close });
  }

  /** One that fails or takes too long doesn't keep the next from being closed. */
  async run(limitMs: number, report: (message: string) => void): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      const { name, close } = step;
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), limitMs);
      });
      try {
        if (name !== '') report(`stopping ${name}`);
        if ((await Promise.race([close(), limit])) === 'late') {
          report(`${name} did not stop within ${limitMs / 1000} s`);
        }
      } catch (error) {
        report(`${name} did not stop well: ${String(error)}`);
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
