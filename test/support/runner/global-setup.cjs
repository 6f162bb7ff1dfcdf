'use strict';
require('./load-typescript.cjs');
const { chosen } = require('./sequencer.cjs');
const { needsOf } = require('./needs.cjs');

/** Starts what the chosen files need, and nothing else; all of it ends with the run, also when that is killed. */
module.exports = async () => {
  const { startServers } = require('../servers/start-servers.ts');
  await startServers(needsOf(chosen));
};
