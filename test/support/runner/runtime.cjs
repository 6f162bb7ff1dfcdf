'use strict';
// Jest evaluates a test file; all that it imports Node loads, each module once for the process and in the same
// realm, as in production.
const Module = require('node:module');
const vm = require('node:vm');
const { default: Runtime } = require('jest-runtime');
const { tellSourceMaps } = require('./load-typescript.cjs');

// A run that is killed takes its processes with it, whatever they are waiting for.
const exit = () => process.exit(1);
process.once('disconnect', exit);
// Who listens for that keeps the process alive: only for as long as Jest listens for more to do.
process.on('removeListener', (name) => {
  if (name === 'message') process.off('disconnect', exit);
});

module.exports = class SharedRuntime extends Runtime {
  #require = new Map();

  constructor(...all) {
    super(...all);
    const { executor } = this;
    executor.compile = (source, filename) =>
      vm.compileFunction(source, executor.injectedModuleParameters, {
        filename,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      });
  }

  requireModuleOrMock(from, name) {
    if (name === '@jest/globals') return super.requireModuleOrMock(from, name);
    let native = this.#require.get(from);
    if (native === undefined) this.#require.set(from, (native = Module.createRequire(from)));
    return native(name);
  }

  getSourceMaps() {
    const maps = super.getSourceMaps();
    tellSourceMaps(maps);
    return maps;
  }
};
