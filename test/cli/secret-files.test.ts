import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { holdfast, temporaryFolder } from '../support/processes/holdfast';

const folder = temporaryFolder();
afterAll(() => folder.remove());

test('what is read from a file is in process.env when the configuration file is imported, under its name alone', async () => {
  const names = ['ACME_CLIENT_SECRET', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_KEY_DATA'];
  const files = names.map((name) => {
    const file = path.join(folder.dir, name.toLowerCase());
    writeFileSync(file, `value of ${name}\n`);
    return [`${name}_FILE`, file];
  });
  writeFileSync(
    path.join(folder.dir, 'holdfast.config.mjs'),
    `for (const name of ${JSON.stringify(names)}) {
       const isThere = process.env[name] === 'value of ' + name;
       console.log(name, isThere, name + '_FILE' in process.env);
     }
     export default {};`,
  );
  const run = holdfast(['doctor'], {
    cwd: folder.dir,
    env: Object.fromEntries(files) as Record<string, string>,
  });
  await run.ended;
  for (const name of names) expect(run.output()).toContain(`${name} true false\n`);
}, 60_000);
