/** @type {import('dependency-cruiser').IConfiguration} */
const library = '^src/(webhooks|oauth|providers|handlers|db|crypto|notices)/';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'workflows-see-activities-as-types-only',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(activities|src)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-never-import-src',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^src/' },
    },
    {
      name: 'activities-know-the-contract-only',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^workflows/', pathNot: '^workflows/(contract/|rules\\.ts$)' },
    },
    {
      name: 'gateway-and-worker-are-apart',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: '^(src/worker|activities)/' },
    },
    {
      name: 'worker-and-gateway-are-apart',
      severity: 'error',
      from: { path: '^(src/worker|activities)/' },
      to: { path: '^src/gateway/' },
    },
    {
      name: 'gateway-knows-the-contract-only',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: '^workflows/', pathNot: '^workflows/(contract/|rules\\.ts$|payload-converter\\.ts$)' },
    },
    {
      name: 'libraries-stand-alone',
      severity: 'error',
      from: { path: library },
      to: { path: '^(src/(gateway|worker|dev)|activities)/' },
    },
    {
      name: 'libraries-know-the-contract-only',
      severity: 'error',
      from: { path: library },
      to: { path: '^workflows/', pathNot: '^workflows/(contract/|rules\\.ts$)' },
    },
    {
      name: 'production-code-imports-no-test',
      severity: 'error',
      from: { path: '^(src|workflows|activities)/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
