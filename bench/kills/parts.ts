import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Guarded } from '../../src/dev/process/guarded';
import type { Releases } from '../../src/dev/process/releases';
import { waitUntil } from '../../src/dev/process/wait-until';
import { supervise } from '../../src/dev/stack/supervise';
import { signalFamily } from './family';
import { type FaultKind, partOf, type PartName } from './plan';

/** How long a part may take to end or to be back, in milliseconds. */
const patienceMs = 90_000;

export interface Part {
  name: PartName;
  /** Settles once it can be used. @throws Error where it doesn't come up */
  launch: () => Promise<Guarded>;
  /** Its process's number while it runs. */
  pid: () => number;
  /** Of one that can be stopped. @throws Error where it can't be used now */
  probe?: () => Promise<unknown>;
}

/** The four parts, each of which is started again whenever it ends by itself, as a server's supervisor does. */
export class Parts {
  private readonly parts = new Map<PartName, Part>();
  private readonly folders: { stopped: string; ready: string };
  private readonly paused = new Set<Part>();

  /** @param root a folder for what is noted of them */
  constructor(
    root: string,
    private readonly releases: Releases,
    private readonly say: (message: string) => void,
  ) {
    this.folders = { stopped: path.join(root, 'stopped'), ready: path.join(root, 'ready') };
    for (const folder of Object.values(this.folders)) mkdirSync(folder, { recursive: true });
  }

  /** @throws Error where it doesn't come up */
  async start(part: Part): Promise<void> {
    this.parts.set(part.name, part);
    const { name, launch } = part;
    const end = await supervise({ name, launch }, { ...this.folders, say: this.say });
    this.releases.add(name, async () => {
      // What is stopped hears no other signal.
      if (this.paused.has(part)) this.goOn(part);
      await end();
    });
  }

  /** Settles when it is away. */
  async strike(kind: FaultKind): Promise<void> {
    const part = this.part(kind);
    if (kind === 'postgres stopped') {
      this.paused.add(part);
      signalFamily(part.pid(), 'SIGSTOP');
      return;
    }
    writeFileSync(path.join(this.folders.stopped, part.name), '');
    signalFamily(part.pid(), 'SIGKILL');
    await this.isMarked(part.name, false);
  }

  /** Settles when it can be used again: a worker once it is ready, a server once it answers. */
  async bringBack(kind: FaultKind): Promise<void> {
    const part = this.part(kind);
    if (kind === 'postgres stopped') {
      this.goOn(part);
      await waitUntil(() => part.probe?.(), { timeoutMs: patienceMs });
      return;
    }
    rmSync(path.join(this.folders.stopped, part.name), { force: true });
    await this.isMarked(part.name, true);
  }

  private goOn(part: Part): void {
    signalFamily(part.pid(), 'SIGCONT');
    this.paused.delete(part);
  }

  private part(kind: FaultKind): Part {
    const part = this.parts.get(partOf(kind));
    if (part === undefined) throw new Error(`${kind}: it was not started`);
    return part;
  }

  private async isMarked(name: PartName, wanted: boolean): Promise<void> {
    const mark = path.join(this.folders.ready, name);
    await waitUntil(
      () => {
        if (existsSync(mark) !== wanted)
          throw new Error(`${name} is ${wanted ? 'not ready' : 'still there'}`);
      },
      { timeoutMs: patienceMs, everyMs: 20 },
    );
  }
}

/** The number in the first line of a file. */
export const pidIn = (file: string): number => parseInt(readFileSync(file, 'utf8'), 10);
