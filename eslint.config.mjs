import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

/** On Node 20 it, and whatever follows a time-out by it, may be collected as garbage, and then never fires. */
const abortSignalAny = {
  object: 'AbortSignal',
  property: 'any',
  message: 'Use eitherSignal or startDeadline of src/lib/abort.ts.',
};

const nodeBuiltins = builtinModules.flatMap((name) => [name, `node:${name}`]);

const guarded =
  "Go through sendOnce or a GuardedDispatcher: an address may be somebody else's word.";
/** Whatever connects somewhere by itself. */
const connecting = {
  paths: [
    { name: 'undici', allowTypeImports: true, message: guarded },
    ...['http', 'https', 'http2', 'net', 'tls', 'dgram']
      .flatMap((name) => [name, `node:${name}`])
      .map((name) => ({
        name,
        importNames: ['default', 'request', 'get', 'connect', 'createConnection', 'createSocket'],
        allowTypeImports: true,
        message: guarded,
      })),
  ],
};
/** The guard itself; requests by it; and addresses that are the operator's own word. */
const mayConnect = [
  'src/destinations/*.ts',
  'src/lib/http/{send-once,interim-answers}.ts',
  'src/handlers/forward/forward.ts',
  'src/credentials/authorized-fetch.ts',
  'activities/notifications/attempt.ts',
  'src/doctor/check-gateway.ts',
  'src/doctor/check-temporal.ts',
  'src/cli/api-client.ts',
  'src/worker/temporal-metrics.ts',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.holdfast/', 'test/workflows/histories/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-properties': ['error', abortSignalAny],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unnecessary-type-parameters': 'off' },
  },
  {
    // Workflow code replays: whatever differs from one run to the next wedges it.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: nodeBuiltins, patterns: ['**/src/**', '!./*'] }],
    },
  },
  {
    // One place reads the environment; everything else is handed a parsed, frozen config.
    files: ['src/**/*.ts', 'activities/**/*.ts'],
    ignores: ['src/cli.ts', 'src/config/index.ts', 'src/dev/**'],
    rules: {
      'no-restricted-properties': ['error', abortSignalAny, { object: 'process', property: 'env' }],
    },
  },
  {
    // An address may be a tenant's or a provider's word: one place looks at where it leads.
    files: ['src/**/*.ts', 'activities/**/*.ts'],
    ignores: [...mayConnect, 'src/dev/**', 'src/web/client/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', connecting],
      'no-restricted-globals': [
        'error',
        ...['fetch', 'WebSocket', 'EventSource'].map((name) => ({ name, message: guarded })),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='globalThis'][property.name='fetch']",
          message: guarded,
        },
      ],
    },
  },
);
