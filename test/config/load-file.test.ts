import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfiguration } from '../../src/config/load-file';
import { ConfigError } from '../../src/config/settings';
import { temporaryFolder } from '../support/processes/holdfast';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);
const declared = { providers: { acme: { webhook: { scheme: 'none' } } } };
const json = JSON.stringify(declared);
const typed = `const file: { providers: object } = ${json};\nexport default file;\n`;

const write = (name: string, text: string) => writeFileSync(path.join(folder.dir, name), text);
const find = (file?: string) => loadConfiguration(file, folder.dir);
const load = async (file?: string) => (await find(file)).declared;

async function refusal(file?: string): Promise<string> {
  try {
    await load(file);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'none';
}

test.each([
  ['holdfast.config.mjs', `export default ${json};`],
  ['holdfast.config.js', `module.exports = ${json};`],
  ['holdfast.config.cjs', `module.exports = ${json};`],
])('%s is found', async (name, text) => {
  write(name, text);
  expect(await find()).toMatchObject({ declared, found: path.join(folder.dir, name) });
});

test('none is fine', async () => {
  const { looked, ...none } = await find();
  expect(none).toEqual({ declared: {}, found: undefined });
  expect(looked).toContain(path.join(folder.dir, 'holdfast.config.mjs'));
});

test('two are refused by their names, unless HOLDFAST_CONFIG says which', async () => {
  write('holdfast.config.ts', typed);
  write('holdfast.config.mjs', `export default ${json};`);
  expect(await refusal()).toMatch(
    /^holdfast\.config\.mjs and holdfast\.config\.ts are both in .+; allowed: .*HOLDFAST_CONFIG/,
  );
  expect(await load('holdfast.config.mjs')).toEqual(declared);
});

const typescriptFiles: [string, string | undefined][] = [
  ['holdfast.config.ts', undefined],
  ['holdfast.config.mts', undefined],
  ['other.cts', 'other.cts'],
  ['other.ts', 'other.ts'],
];

(stripsTypes ? test : test.skip).each(typescriptFiles)(
  '%s is loaded where Node strips types',
  async (name, file) => {
    const isCommonJs = name.endsWith('.cts');
    write(name, isCommonJs ? `const file: object = ${json};\nmodule.exports = file;\n` : typed);
    expect(await load(file)).toEqual(declared);
  },
);

(stripsTypes ? test.skip : test).each(typescriptFiles)(
  '%s is refused by its name where Node does not strip types, with what to do',
  async (name, file) => {
    write(name, typed);
    const said = await refusal(file);
    expect(said.startsWith(path.join(folder.dir, name))).toBe(true);
    expect(said).toMatch(/Node v\d.+; allowed: Node 22\.18 .*compiled to \.mjs.*HOLDFAST_CONFIG/);
  },
);

test.each([
  ['of a compiled module', `exports.__esModule = true;\nexports.default = ${json};`],
  [
    'of a compiled module that exports more',
    `exports.__esModule = true; exports.x = 1;\nexports.default = ${json};`,
  ],
  ['twice', `module.exports = { default: { default: ${json} } };`],
  ['that is itself', `module.exports = ${json};\nmodule.exports.default = module.exports;`],
])('a default export in a default export is taken out: %s', async (_what, text) => {
  write('holdfast.config.cjs', text);
  expect(await load()).toEqual(declared);
});

test.each([
  ['a text', `module.exports = 'text';`],
  ['nothing', `exports.__esModule = true; exports.default = undefined;`],
  ['a list', `module.exports = { default: [] };`],
])('what holds no object is refused: %s', async (_what, text) => {
  write('holdfast.config.cjs', text);
  expect(await refusal()).toMatch(/holdfast\.config\.cjs: must export an object: export default/);
});
