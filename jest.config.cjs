/** Packages that are ES modules only: jest's own loader can't take those as they are. */
const esModules = [
  '@fastify/cookie',
  'cookie',
  'content-disposition',
  'openid-client',
  'oauth4webapi',
  'jose',
  'typebox',
  '@octokit/webhooks-methods',
  'oidc-provider',
  'oauth2-mock-server',
  'is-plain-obj',
  'node-pg-migrate',
  'uuidv7',
];

/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/recorder/origin.ts'],
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
  resolver: '<rootDir>/test/support/resolve-client.cjs',
  moduleNameMapper: {
    '^@octokit/webhooks-methods$':
      '<rootDir>/node_modules/@octokit/webhooks-methods/dist-node/index.js',
  },
  maxWorkers: 3,
  testTimeout: 30_000,
};
