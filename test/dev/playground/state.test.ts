import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clientOf, newDataDir, play, releaseAll, tokensOf } from './client';

afterEach(releaseAll);

test('a restart keeps the client and the grants, the rotation and the revocation of each', async () => {
  const dataDir = newDataDir();
  const first = await play({ dataDir });
  const before = clientOf(first);
  const ended = await before.connect();
  first.control.revokeGrants('ada');
  const old = await before.connect();
  const current = tokensOf(await before.refresh(old.refresh));
  await first.close();

  const second = await play({ dataDir });
  const after = clientOf(second);
  expect(after.clientId).toBe(before.clientId);
  expect(after.clientSecret).toBe(before.clientSecret);
  expect((await after.me(current.access)).status).toBe(200);
  expect((await after.me(ended.access)).status).toBe(401);
  expect((await after.refresh(current.refresh)).status).toBe(200);
  expect((await after.refresh(old.refresh)).status).toBe(400);
  expect((await after.me(current.access)).status).toBe(401);
});

test('the file is nobody else’s, and holds no token', async () => {
  const dataDir = newDataDir();
  const client = clientOf(await play({ dataDir }));
  const { access, refresh } = await client.connect();
  const file = path.join(dataDir, 'playground.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('"account": "ada"');
  expect(text).not.toContain(access);
  expect(text).not.toContain(refresh);
});

test.each(['{', '{"client":{"secret":"hidden"}}', '[]'])(
  'a file that holds %s is named, not quoted, and left alone',
  async (content) => {
    const dataDir = newDataDir();
    const file = path.join(dataDir, 'playground.json');
    writeFileSync(file, content);
    const message = `${file} is not a playground's state. Delete it to start anew.`;
    await expect(play({ dataDir })).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe(content);
  },
);

test('ended grants don’t pile up, and a token of a forgotten one is refused', async () => {
  const playground = await play();
  const client = clientOf(playground);
  const oldest = await client.connect();
  playground.control.revokeGrants('ada');
  for (let index = 0; index < 25; index += 1) {
    await client.connect();
    playground.control.revokeGrants('ada');
  }
  const alive = await client.connect();
  expect(playground.control.grants()).toHaveLength(21);
  expect((await client.refresh(oldest.refresh)).status).toBe(400);
  expect((await client.me(alive.access)).status).toBe(200);
});
