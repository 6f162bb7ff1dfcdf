/** A library imports only those that stand before it: so no circle of folders can come to be. */
const libraries = [
  'lib',
  'tracing',
  'crypto',
  'destinations',
  'deliveries',
  'providers',
  'config',
  'oauth',
  'credentials',
  'webhooks',
  'handlers',
  'db',
  'encryption',
  'temporal',
  'app-faults',
  'notifications',
  'holds',
  'retention',
  'live',
  'metrics',
  'web',
];

const library = '^src/(?!gateway/|worker/|dev/|doctor/|cli/|[^/]+$)';
const contract = '^workflows/(contract/|rules\\.ts$)';
const room = '(webhooks|api|person|pages|operator)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...libraries.map((name, index) => ({
      name: 'libraries-in-their-order',
      severity: 'error',
      from: { path: `^src/${name}/` },
      to: { path: `^src/(${libraries.slice(index + 1).join('|') || 'none'})/` },
    })),
    {
      name: 'every-library-has-a-place-in-the-order',
      severity: 'error',
      from: { path: library, pathNot: `^src/(${libraries.join('|')})/` },
      to: {},
    },
    {
      name: 'workflows-see-activities-as-types-only',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'workflows-never-import-src',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^src/' },
    },
    {
      name: 'contract-and-rules-stand-alone',
      comment: 'Processes load them too: neither may bring an actor with it.',
      severity: 'error',
      from: { path: contract },
      to: { path: '^(workflows|activities)/', pathNot: contract },
    },
    {
      name: 'activities-know-contract-and-rules-only',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^workflows/', pathNot: contract },
    },
    {
      name: 'gateway-and-worker-are-apart',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: '^(src/worker|activities)/' },
    },
    {
      name: 'one-inbox-signaller-for-a-process',
      comment:
        'With two, an integration is signalled twice as often: rooms take the one of their deps.',
      severity: 'error',
      from: { path: '^(src|activities)/', pathNot: '^src/gateway/main\\.ts$' },
      to: { path: '^src/temporal/inbox-signals\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'worker-and-gateway-are-apart',
      severity: 'error',
      from: { path: '^(src/worker|activities)/' },
      to: { path: '^src/gateway/' },
    },
    {
      name: 'rooms-of-the-gateway-are-apart',
      comment: 'What two callers need is in http/ or operations/.',
      severity: 'error',
      from: { path: `^src/gateway/${room}/` },
      to: { path: `^src/gateway/${room}/`, pathNot: '^src/gateway/$1/' },
    },
    {
      name: 'what-rooms-share-imports-none',
      severity: 'error',
      from: { path: '^src/gateway/(http|operations)/' },
      to: { path: `^src/gateway/${room}/` },
    },
    {
      name: 'gateway-knows-contract-and-rules-only',
      severity: 'error',
      from: { path: '^src/gateway/' },
      to: { path: '^workflows/', pathNot: contract },
    },
    {
      name: 'lib-imports-nothing-of-src',
      severity: 'error',
      from: { path: '^src/lib/' },
      to: { path: '^src/', pathNot: '^src/lib/' },
    },
    {
      name: 'libraries-stand-alone',
      severity: 'error',
      from: { path: library },
      to: { path: '^(src/(gateway|worker|dev|doctor|cli)|activities)/' },
    },
    {
      name: 'libraries-know-contract-and-rules-only',
      severity: 'error',
      from: { path: library },
      to: { path: '^workflows/', pathNot: contract },
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
