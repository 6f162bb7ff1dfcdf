'use strict';
// Test files run in the realm of their process: nothing is copied, and what a file changes in it is put back.
const { LegacyFakeTimers, ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** Under these, and under symbols that have no name, Jest keeps a file's tests with all that they hold. */
const namesOfJest = new Set([
  'EVENT_HANDLERS',
  'RETRY_TIMES',
  'RETRY_TIMES_SETTER',
  '$$jest-matchers-object',
]);

module.exports = class SharedEnvironment {
  constructor({ projectConfig: config }) {
    const global = globalThis;
    this.global = global;
    this.moduleMocker = new ModuleMocker(global);
    this.fakeTimers = new LegacyFakeTimers({
      config,
      global,
      moduleMocker: this.moduleMocker,
      timerConfig: { idToRef: (id) => ({ id, ref() {}, unref() {} }), refToId: (ref) => ref?.id },
    });
    this.fakeTimersModern = new ModernFakeTimers({ config, global });
    this.symbols = new Set(Object.getOwnPropertySymbols(global));
    this.console = global.console;
    this.exit = process.exit;
    this.directory = process.cwd();
    this.variables = { ...process.env };
  }

  async setup() {}

  async teardown() {
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    for (const symbol of Object.getOwnPropertySymbols(this.global)) {
      const name = Symbol.keyFor(symbol);
      const isJests = name === undefined || namesOfJest.has(name);
      if (isJests && !this.symbols.has(symbol)) Reflect.deleteProperty(this.global, symbol);
    }
    this.global.console = this.console;
    process.exit = this.exit;
    if (process.cwd() !== this.directory) process.chdir(this.directory);
    for (const name of Object.keys(process.env)) {
      if (!(name in this.variables)) delete process.env[name];
    }
    Object.assign(process.env, this.variables);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return this.global;
  }
};
