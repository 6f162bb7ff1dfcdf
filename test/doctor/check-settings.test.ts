import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseConfig } from '../../src/config';
import { checkSettings } from '../../src/doctor/check-settings';
import { readDeclared } from '../../src/doctor/declared';
import { temporaryFolder } from '../support/processes/holdfast';

const folder = temporaryFolder();
afterAll(() => folder.remove());

const webhooks = {
  bare: { scheme: 'none' },
  asked: { scheme: 'github', dedupe: 'none' },
  hmac: { scheme: 'hmac', header: 'x-s', algorithm: 'sha256', encoding: 'hex' },
  short: { scheme: 'hmac', header: 'x-s', algorithm: 'sha256', encoding: 'hex', dedupeHeader: 'x' },
  known: { scheme: 'none', dedupe: { pointers: ['/id'] } },
  bytes: { scheme: 'none', dedupe: { sameBodyWithinSeconds: 60 } },
  named: { scheme: 'stripe' },
  shops: { scheme: 'shopify', accountHeader: 'x-shop' },
  anyone: { scheme: 'none', accountHeader: 'x-shop', dedupe: { pointers: ['/id'] } },
};

async function check(env: Record<string, string>) {
  const config = parseConfig(env);
  return checkSettings(config, await readDeclared(config, folder.dir));
}

test('it warns of senders whose repeats can not be known, and whose accounts not apart', async () => {
  const providers = Object.fromEntries(
    Object.entries(webhooks).map(([name, webhook]) => [name, { webhook }]),
  );
  const file = `export default ${JSON.stringify({ providers })};\n`;
  writeFileSync(path.join(folder.dir, 'holdfast.config.mjs'), file);
  const found = await check({});
  const text = 'what its sender repeats is handled twice';
  expect(found.filter(({ text }) => text.startsWith('Webhooks of '))).toEqual([
    { well: true, text: `Webhooks of asked: ${text}, as its "dedupe" says` },
    ...['bare', 'hmac'].map((name) => ({
      ...{ well: true, warns: true },
      text: `Webhooks of ${name}: ${text}; "dedupe" can say how a repeat is known`,
    })),
    {
      ...{ well: true, warns: true },
      text: expect.stringMatching(
        /^Webhooks of shops: .* very same bytes .*account_conflict/,
      ) as string,
    },
  ]);
});

test('it warns of what is not connected to, and of a host that a connection may choose', async () => {
  const oauth = (at: string, more = '') =>
    `{ authorizationUrl: '${at}/authorize', tokenUrl: '${at}/token', clientId: 'c'${more} }`;
  // A file that was imported is known by its path.
  writeFileSync(
    path.join(folder.dir, 'addresses.config.mjs'),
    `export default { providers: {
      local: { oauth: ${oauth('http://127.0.0.1:9')} },
      hosted: { oauth: ${oauth('http://127.0.0.1:9')}, privateAddresses: 'allow' },
      open: { oauth: ${oauth('https://{host}', ', parameters: { host: /[a-z.]+/ }')} },
    } };`,
  );
  const found = await check({ HOLDFAST_CONFIG: 'addresses.config.mjs' });
  const warnings = found.filter(({ warns }) => warns).map(({ text }) => text);
  expect(warnings.map((text) => text.slice(0, 60))).toEqual([
    'Provider local: http://127.0.0.1:9 is not connected to (addr',
    'Provider open: https://{host}/authorize may be any host, suc',
    'Provider open: https://{host}/token may be any host, such as',
  ]);
});
