import { parseDestinationRule } from '../../src/destinations/destination-rule';
import { createReachable } from '../../src/destinations/is-reachable';

/** Whether `host:port`, which leads to an address, is reachable where one entry is all that is allowed. */
const allows = (entry: string, hostname: string, port: number, address = hostname) =>
  createReachable([entry])({ hostname, address, port });

test.each([
  ...['10.0.0.0/8', 'fd00::/8', '10.0.0.0/8:8080', '[fd00::/8]:443', '[10.0.0.0/8]:443'],
  ...['app.internal:8080', 'app.internal.:80', 'APP:1', 'a_b:65535', 'localhost:3000'],
  ...['10.0.0.1:8080', '[fd00::1]:8080', '[::ffff:10.0.0.1]:80'],
])('%s is an entry', (text) => {
  expect(parseDestinationRule(text)).toBeDefined();
});

test.each([
  ...['', 'app.internal', '10.0.0.1', 'fd00::1', '[fd00::1]', ':80', 'app:', 'app:0', 'app:65536'],
  ...['app:80/', 'http://app:80', 'u@app:80', 'app:80:80', '*.internal:80', '*:80', 'a b:80'],
  ...['fd00::/8:443', 'fd00::1:443', '[fd00::]/8:443', '10.0.0.0/33:80', '10.0.0.0/8:', '/8:80'],
  ...['[app.internal]:80', '999.1.1.1:80', 'app%2einternal:80', 'allow', 'deny'],
])('%s is none', (text) => {
  expect(parseDestinationRule(text)).toBeUndefined();
});

test('a block with a port opens that port alone', () => {
  expect(allows('10.0.0.0/8:8080', '10.1.2.3', 8080)).toBe(true);
  expect(allows('10.0.0.0/8:8080', '10.1.2.3', 8081)).toBe(false);
  expect(allows('10.0.0.0/8:8080', '192.168.0.1', 8080)).toBe(false);
  expect(allows('10.0.0.0/8:8080', 'app.example', 8080, '10.1.2.3')).toBe(true);
  expect(allows('10.0.0.0/8', '10.1.2.3', 8081)).toBe(true);
  expect(allows('[fd00::/8]:443', '[fd00::1]', 443, 'fd00::1')).toBe(true);
  expect(allows('[fd00::/8]:443', '[fd00::1]', 80, 'fd00::1')).toBe(false);
});

test('an address with a port is that address, however it is written and whatever led to it', () => {
  expect(allows('10.0.0.1:80', '10.0.0.1', 80)).toBe(true);
  expect(allows('10.0.0.1:80', '[::ffff:10.0.0.1]', 80, '::ffff:10.0.0.1')).toBe(true);
  expect(allows('[::ffff:10.0.0.1]:80', '10.0.0.1', 80)).toBe(true);
  expect(allows('127.0.0.1:80', 'localhost', 80, '127.0.0.1')).toBe(true);
  expect(allows('10.0.0.1:80', '10.0.0.2', 80)).toBe(false);
  expect(allows('10.0.0.1:80', '10.0.0.1', 81)).toBe(false);
  expect(allows('[fd00::1]:80', '[fd00::1]', 80, 'fd00::1')).toBe(true);
  expect(allows('[fd00::1]:80', '[fd00::2]', 80, 'fd00::2')).toBe(false);
});

test('a name with a port is what was asked for, wherever it leads', () => {
  expect(allows('app.internal:8080', 'app.internal', 8080, '10.0.0.1')).toBe(true);
  expect(allows('App.Internal.:8080', 'app.internal', 8080, '127.0.0.1')).toBe(true);
  expect(allows('app.internal:8080', 'app.internal.', 8080, '10.0.0.1')).toBe(true);
  expect(allows('app.internal:8080', 'app.internal', 80, '10.0.0.1')).toBe(false);
  expect(allows('app.internal:8080', 'other.internal', 8080, '10.0.0.1')).toBe(false);
  expect(allows('app.internal:8080', 'x.app.internal', 8080, '10.0.0.1')).toBe(false);
  expect(allows('app.internal:8080', '10.0.0.1', 8080)).toBe(false);
});

test('no entry opens a link-local or metadata address', () => {
  for (const entry of ['169.254.169.254:80', '169.254.0.0/16:80', 'metadata.internal:80']) {
    expect(allows(entry, 'metadata.internal', 80, '169.254.169.254')).toBe(false);
  }
});
