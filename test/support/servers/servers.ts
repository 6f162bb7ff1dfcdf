import { rmSync } from 'node:fs';

export interface Stoppable {
  stop(): Promise<void>;
}

let servers: Stoppable[] = [];
let folder: string | undefined;

/** Global set-up and teardown run in one process and share this module. */
export const stopServers = {
  register: (list: Stoppable[], dir: string) => {
    servers = list;
    folder = dir;
  },
  run: async () => {
    for (const server of servers.splice(0)) await server.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  },
};
