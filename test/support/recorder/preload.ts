// Loaded before anything else in every process of the suite; built-in modules only, because the
// product's own processes load it as well.
import { isMainThread } from 'node:worker_threads';
import { folderVariable } from './record';
import { tapFastify } from './tap-fastify';
import { tapFetch } from './tap-fetch';
import { tapHttpServers } from './tap-http';
import { tapKeys } from './tap-keys';
import { tapLogs } from './tap-logs';
import { tapProcesses } from './tap-processes';

if (isMainThread && process.env[folderVariable] !== undefined) {
  tapFastify();
  tapFetch();
  tapHttpServers();
  tapKeys();
  tapLogs();
  tapProcesses();
}
