// Loaded before anything else in every process of the suite; built-in modules only, because the
// product's own processes load it as well.
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import { folderVariable, originVariable } from './record';
import { tapFastify } from './tap-fastify';
import { tapFetch } from './tap-fetch';
import { tapHttpServers } from './tap-http';
import { tapKeys } from './tap-keys';
import { tapLogs } from './tap-logs';
import { tapProcesses } from './tap-processes';

if (isMainThread && process.env[folderVariable] !== undefined) {
  subscribe('holdfast.test.origin', (message) => {
    process.env[originVariable] = String(message);
  });
  tapFastify();
  tapFetch();
  tapHttpServers();
  tapKeys();
  tapLogs();
  tapProcesses();
}
