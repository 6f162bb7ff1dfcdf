import { ConfigError, parseConfig } from '../../src/config';

function read(address: string, insecure?: string): string | readonly string[] {
  try {
    return parseConfig({
      HOLDFAST_PUBLIC_URL: address,
      HOLDFAST_INSECURE_PUBLIC_URL: insecure,
    }).publicUrl;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test.each([
  ['https://hooks.example', 'https://hooks.example'],
  ['https://hooks.example:443//', 'https://hooks.example'],
  ['https://Hooks.Example/hf/', 'https://hooks.example/hf'],
  ['https://hooks.example/a/b-c_d.e~f', 'https://hooks.example/a/b-c_d.e~f'],
  ['https://hooks.example/a/../hf', 'https://hooks.example/hf'],
  ['http://localhost:3000/hf', 'http://localhost:3000/hf'],
  ['http://hooks.localhost', 'http://hooks.localhost'],
  ['http://127.8.9.10:3000', 'http://127.8.9.10:3000'],
  ['http://[::1]:3000', 'http://[::1]:3000'],
])('%s is read as %s', (address, publicUrl) => {
  expect(read(address)).toBe(publicUrl);
});

test.each([
  'https://hooks.example/?a=b',
  'https://hooks.example/hf?',
  'https://hooks.example/#top',
  'https://someone@hooks.example/',
  'https://someone:secret@hooks.example/',
  'https://hooks.example/a b',
  'https://hooks.example/a%2fb',
  'https://hooks.example/a;b',
  'https://hooks.example/a//b',
  'https://hooks.example/ä',
])('%s is no address of a gateway', (address) => {
  expect(read(address)).toEqual([
    expect.stringMatching(/^HOLDFAST_PUBLIC_URL: this value is not understood; allowed: /),
  ]);
});

test.each([
  'http://hooks.example',
  'http://10.0.0.7:3000',
  'http://localhost.example',
  'http://127.0.0.1.example',
  'http://notlocalhost',
  'http://[::2]',
  'http://0.0.0.0:3000',
])('%s stops the start, unless it is asked for', (address) => {
  expect(read(address)).toEqual([
    expect.stringMatching(
      /^HOLDFAST_PUBLIC_URL: plain http beyond .*HOLDFAST_INSECURE_PUBLIC_URL=allow$/,
    ),
  ]);
  expect(read(address, 'deny')).toHaveLength(1);
  expect(read(address, 'allow')).toBe(address);
});

test('anything but allow and deny is a fault of its own', () => {
  expect(read('https://hooks.example', 'yes')).toEqual([
    'HOLDFAST_INSECURE_PUBLIC_URL: this value is not understood; allowed: allow, deny',
  ]);
});
