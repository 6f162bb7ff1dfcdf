import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLookup, domainOf } from '../../src/destinations/look-up-names';
import { lookupAll } from '../../src/destinations/locate-own-servers';
import { candidates, parseSearch } from '../../src/destinations/resolver-files';
import { type NameServer, startNameServer } from '../support/doubles/name-server';

const known: Record<string, string> = {
  'app.example': '192.0.2.1',
  'app.prod.svc.cluster.local': '192.0.2.2',
  'app.dev': '192.0.2.66',
  'app.dev.svc.cluster.local': '192.0.2.3',
  'listed.example': '192.0.2.66',
  'half.example': '192.0.2.4',
};

let server: NameServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-names-'));
  await writeFile(
    join(folder, 'hosts'),
    '127.0.0.1 localhost # of this machine\n\n192.0.2.9\tListed.example other\n::9 other\nnonsense x\n',
  );
  await writeFile(
    join(folder, 'resolv.conf'),
    'nameserver 10.0.0.10\nsearch prod.svc.cluster.local svc.cluster.local\noptions ndots:5\n',
  );
  server = await startNameServer(
    (name) => known[name],
    (name, family) => name.includes('silent') || (name.startsWith('half.') && family === 6),
  );
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** @param hosts with `resolver`: of the files above; else there are none */
function lookUp(limitMs?: number, files: { hosts?: string; resolver?: string } = {}) {
  const lookup = createLookup({
    nameServers: [server.address],
    files: {
      hosts: join(folder, files.hosts ?? 'none'),
      resolver: join(folder, files.resolver ?? 'none'),
    },
    ...(limitMs === undefined ? {} : { limitMs }),
  });
  return (host: string) => lookupAll(lookup, host);
}

const v4 = (address: string) => ({ address, family: 4 });

test('names are asked of the name server; one that it does not have is no name', async () => {
  const look = lookUp();
  expect(await look('App.Example')).toEqual([v4('192.0.2.1')]);
  await expect(look('nothing.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('names of this machine and of its hosts file are not asked of anybody', async () => {
  const look = lookUp(undefined, { hosts: 'hosts' });
  server.asked.length = 0;
  expect(await look('localhost')).toEqual([v4('127.0.0.1'), { address: '::1', family: 6 }]);
  expect(await look('listed.example.')).toEqual([v4('192.0.2.9')]);
  expect(await look('other')).toEqual([v4('192.0.2.9'), { address: '::9', family: 6 }]);
  expect(server.asked).toEqual([]);
});

test('search domains count as resolv.conf says: a service of the cluster before anybody of its name', async () => {
  const look = lookUp(undefined, { resolver: 'resolv.conf' });
  expect(await look('app')).toEqual([v4('192.0.2.2')]);
  expect(await look('app.dev')).toEqual([v4('192.0.2.3')]);
  expect(await look('app.dev.')).toEqual([v4('192.0.2.66')]);
  expect(await look('app.example')).toEqual([v4('192.0.2.1')]);
});

test.each([
  ['', ['a.b']],
  ['search x y\n', ['a.b', 'a.b.x', 'a.b.y']],
  ['search x\ndomain y z\noptions timeout:1 ndots:2', ['a.b.y', 'a.b']],
  ['; search x\n#options ndots:2\nsearch .', ['a.b']],
])('the candidates for a.b by %j', (text, expected) => {
  expect(candidates('a.b', parseSearch(text))).toEqual(expected);
});

test('a name server that is silent for one family keeps the other one waiting for a moment only', async () => {
  const startedAt = Date.now();
  expect(await lookUp()('half.example')).toEqual([v4('192.0.2.4')]);
  expect(Date.now() - startedAt).toBeLessThan(1_400);
});

test('one that does not answer is a failure that may pass, and equal names share the lookup', async () => {
  const look = lookUp(250);
  server.asked.length = 0;
  const looked = await Promise.allSettled([1, 2, 3].map(() => look('a.silent.example')));
  expect(looked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(server.asked).toEqual(['a.silent.example', 'a.silent.example']);
  await expect(look('a.silent.example')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
});

test('whatever hangs, other names are answered at once; one domain has a few requests at a time', async () => {
  const look = lookUp(500);
  server.asked.length = 0;
  const hosts = Array.from({ length: 100 }, (_, n) => `h${n}.silent.test`);
  const hanging = Promise.allSettled(hosts.map(look));
  const elsewhere = Promise.allSettled(hosts.map((_, n) => look(`h.silent${n}.test`)));
  const startedAt = Date.now();
  expect(await look('app.example')).toEqual([v4('192.0.2.1')]);
  expect(Date.now() - startedAt).toBeLessThan(400);
  expect(new Set(server.asked.filter((name) => name.endsWith('.silent.test'))).size).toBe(8);
  await Promise.all([hanging, elsewhere]);
});

test.each([
  ['a.b.example.com', 'example.com'],
  ['a.example.co.uk.', 'example.co.uk'],
  ['localhost', 'localhost'],
])('%s counts as %s', (host, domain) => {
  expect(domainOf(host)).toBe(domain);
});
