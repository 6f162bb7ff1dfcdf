'use strict';
require('./load-typescript.cjs');

module.exports = async (globalConfig, projectConfig) => {
  const { endRun } = require('../servers/end-run.ts');
  await endRun(globalConfig, projectConfig);
};
