import { isAllowedReturn } from '../../src/gateway/return-to';

test('no script is ever returned to, whatever the settings list', () => {
  const config = { publicUrl: 'https://holdfast.example', allowedOrigins: ['myapp://callback'] };
  expect(isAllowedReturn('https://holdfast.example/', config)).toBe(true);
  // The origin of either is "null".
  expect(isAllowedReturn('javascript:alert(1)', config)).toBe(false);
});
