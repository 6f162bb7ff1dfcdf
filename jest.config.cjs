/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/runner/global-setup.cjs',
  globalTeardown: '<rootDir>/test/support/runner/global-teardown.cjs',
  setupFilesAfterEnv: ['<rootDir>/test/support/recorder/origin.ts'],
  runtime: '<rootDir>/test/support/runner/runtime.cjs',
  testEnvironment: '<rootDir>/test/support/runner/environment.cjs',
  testSequencer: '<rootDir>/test/support/runner/sequencer.cjs',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs', ignoreDynamic: true },
        sourceMaps: 'inline',
      },
    ],
  },
  maxWorkers: 3,
  testTimeout: 30_000,
};
