export interface Stoppable {
  stop(): Promise<void>;
}

let servers: Stoppable[] = [];

/** Global setup and teardown run in one process and share this module. */
export const stopServers = {
  register: (list: Stoppable[]) => {
    servers = list;
  },
  run: async () => {
    for (const server of servers.splice(0)) await server.stop();
  },
};
