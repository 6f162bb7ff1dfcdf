import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { doctor } from '../../src/doctor/doctor';
import { temporaryFolder } from '../support/processes/holdfast';

const folder = temporaryFolder();
afterAll(() => folder.remove());

test('whatever listens there, or is thrown, does nothing to the terminal', async () => {
  const server = createServer((_request, response) => response.end('well\u001b[2J\nok     fine'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  writeFileSync(path.join(folder.dir, 'holdfast.config.mjs'), `throw new Error('no\\u001b[2J');`);
  const env = {
    ...{ PORT: String(port), DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
    ...{ TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' },
  };
  let text = '';
  try {
    await doctor({ env, cwd: folder.dir }, false, (more) => (text += more));
  } finally {
    server.close();
  }
  expect(text).toContain(
    `ok     Gateway http://127.0.0.1:${port}/readyz: 200 well\\u001b[2J\\u000aok`,
  );
  expect(text).toMatch(/^wrong {2}Configuration file: .*no\\u001b\[2J/m);
  expect(text).not.toContain('\u001b');
}, 30_000);
