import { pattern } from '../../../src/providers/validation/pattern';

function faultsOf(value: unknown): string[] {
  const faults: string[] = [];
  pattern(value, 'shop', (path, problem) => void faults.push(`${path} ${problem}`));
  return faults;
}

const nested = 'shop must not have nested quantifiers';
const long = 'shop must not backtrack for long';

test.each([
  [/(a+)+/, nested],
  [/([a-z]+)*\.example/, nested],
  [/(?:x{2,})+/, nested],
  [/((a+)?)+/, nested],
  [/(a|a)*/, long],
  [/(?:ab|a|b)+c/, long],
  [/(\w|\d)*x/, long],
  [/\w*\w*\w*\w*\w*x/, long],
])('%p is refused', (value, fault) => {
  expect(faultsOf(value)).toEqual([expect.stringContaining(fault)]);
});

test.each([
  /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/,
  /[\w.-]{1,255}/,
  /(eu|us|ap)(-[a-z]{4,9}-\d)?/,
  /\w+\.\w+\.example/,
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
])('%p is allowed', (value) => {
  expect(faultsOf(value)).toEqual([]);
});
