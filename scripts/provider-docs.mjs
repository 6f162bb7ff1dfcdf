// docs/reference/providers.md: what each built-in provider's declaration says, as a table. Arguments:
//   --check   writes nothing, and fails where the file is not what would be written
//   <folder>  where the file is, in place of this repository
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root as repository } from './stamps.mjs';

const require = createRequire(import.meta.url);
require('../test/support/runner/load-typescript.cjs');
const { builtInNames, builtInProviders } = require('../src/providers/built-in/index.ts');
const { senderHabit } = require('../src/webhooks/sender-habits.ts');

const words = process.argv.slice(2);
const isCheck = words.includes('--check');
const root = path.resolve(words.find((word) => !word.startsWith('--')) ?? repository);
const file = 'docs/reference/providers.md';
const at = path.join(root, file);
const text = page();

if (!isCheck) {
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, text);
} else if (!existsSync(at) || readFileSync(at, 'utf8') !== text) {
  console.error(`${file} is not what the declarations say: npm run docs:providers writes it.`);
  process.exitCode = 1;
} else {
  console.log(`${builtInNames.length} built-in providers, as ${file} says`);
}

function page() {
  const client = { clientId: 'client_id', clientSecret: 'client_secret' };
  const apps = Object.fromEntries(builtInNames.map((name) => [name, { client }]));
  const providers = Object.entries(builtInProviders(apps));
  const columns = {
    Connect: connect,
    Refresh: refresh,
    'Dead where': death,
    Revocation: revocation,
    Webhooks: webhooks,
    'Known as a duplicate by': duplicate,
    'A refusal for load costs': refusal,
  };
  const lines = [
    row(['Provider', ...Object.keys(columns)]),
    row(['Provider', ...Object.keys(columns)].map(() => '---')),
    ...providers.map(([name, provider]) =>
      row([code(name), ...Object.values(columns).map((cell) => cell(provider))]),
    ),
  ];
  return `# Built-in providers

Written by \`npm run docs:providers\` from \`src/providers/built-in/\`, where the sources of each line stand; \`npm run check\` fails
where the two differ.

${lines.join('\n')}

- **Refresh**: the answer's own word goes before the lifetimes that stand here. A refresh token that comes with an answer
  replaces the one before it.
- **Dead where**: answers to a refresh that end a grant, beside those that do so for every provider (\`invalid_grant\` and the
  like). A probe asks whether a token is still good. An event only makes Holdfast ask the provider.
- **A refusal for load costs**: what a sender does with a 429. Where that costs an event or the subscription, neither a limit
  nor a rate refuses its webhooks.
`;
}

function connect({ oauth }) {
  const { authorizationUrl, scopes = [], pkce = true, parameters = {} } = oauth;
  const host = /^https:\/\/([^/]+)/.exec(authorizationUrl)[1];
  return list(
    `at ${code(host)}`,
    scopes.length === 0 ? 'no scope' : `scopes ${codes(scopes)}`,
    pkce ? 'PKCE' : 'no PKCE',
    ...Object.keys(parameters).map((name) => `the connection brings ${code(name)}`),
  );
}

function refresh({ oauth }) {
  const { expiresInSeconds, refreshExpiresInSeconds, grantsPerAccount } = oauth;
  return list(
    expiresInSeconds === undefined
      ? 'tokens last as the answer says'
      : `access token: ${duration(expiresInSeconds)}`,
    refreshExpiresInSeconds && `refresh token: ${duration(refreshExpiresInSeconds)}`,
    grantsPerAccount && `at most ${counted(grantsPerAccount, 'grant')} for one account`,
  );
}

function death({ refreshErrors = [], refusedErrors = [], probe, webhook }) {
  return list(
    ...refreshErrors.filter(({ means }) => means === 'dead').map(rule),
    refusedErrors.length > 0 && `the API says ${codes(refusedErrors)}`,
    probe && `probe of ${code(probe.url)} every ${probe.everySeconds / 60} minutes`,
    webhook?.deathEvents && `event ${codes(webhook.deathEvents)}`,
  );
}

function rule({ status, error = [] }) {
  return [status, codes([error].flat())].filter(Boolean).join(' ');
}

function revocation({ oauth: { revocationUrl, revocation: declared } }) {
  if (revocationUrl === undefined) return 'none';
  const how = declared === undefined ? 'RFC 7009' : declared.method;
  const by = { access_token: 'by the access token', client_secret_basic: 'by the client' };
  return list(
    `${how} ${code(revocationUrl)}`,
    declared && by[declared.authentication],
    declared?.body && `with ${codes(Object.keys(declared.body))}`,
  );
}

function webhooks({ webhook }) {
  if (webhook === undefined) return 'none';
  const { accountHeader = [], accountPointer = [], eventsPointer } = webhook;
  return list(
    `scheme ${code(webhook.scheme)}`,
    eventsPointer !== undefined && 'several events in one request',
    `account at ${codes([accountHeader, accountPointer].flat())}`,
  );
}

/** The words of README's table of schemes. */
function duplicate({ webhook }) {
  if (webhook === undefined) return '–';
  const readme = readFileSync(path.join(repository, 'README.md'), 'utf8');
  const found = readme.split('\n').find((line) => line.startsWith(`| \`${webhook.scheme}\``));
  if (found === undefined) throw new Error(`README.md has no row for ${webhook.scheme}`);
  return found.split('|').at(-2).trim();
}

function refusal({ webhook }) {
  if (webhook === undefined) return '–';
  const costs = {
    retries: 'nothing: it is sent again',
    loses_event: 'the event',
    loses_subscription: 'the subscription',
  };
  return costs[senderHabit(webhook)];
}

function duration(seconds) {
  return seconds % 86_400 === 0
    ? counted(seconds / 86_400, 'day')
    : counted(seconds / 3600, 'hour');
}

function counted(count, unit) {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function row(cells) {
  return `| ${cells.join(' | ')} |`;
}

function list(...parts) {
  return parts.filter(Boolean).join('; ') || '–';
}

function code(word) {
  return `\`${word}\``;
}

function codes(list) {
  return list.map(code).join(', ');
}
