import { codeSpan, plainText } from '../../workflows/markdown';

test.each([
  ['not now', 'not now'],
  [
    "Ada's sentence, with “quotes” (and 2 more).",
    "Ada's sentence, with “quotes” \\(and 2 more\\).",
  ],
  ['[pay](https://evil.example)', '\\[pay\\]\\(https\\://evil.example\\)'],
  ['![](//evil.example/pixel)', '\\!\\[\\]\\(//evil.example/pixel\\)'],
  ['see www.evil.example or me@evil.example', 'see www\\.evil.example or me\\@evil.example'],
  ['<img src=x onerror=alert(1)>', '\\<img src\\=x onerror\\=alert\\(1\\)\\>'],
  ['a\n\n# heading\r\n---', 'a \\# heading ---'],
  ['     # no code', '\\# no code'],
  ['  - item', '\\- item'],
  ['- item', '\\- item'],
  ['1. first', '1\\. first'],
  [
    '&lt;b&gt; **b** _i_ ~~s~~ `c` | t',
    '\\&lt;b\\&gt; \\*\\*b\\*\\* \\_i\\_ \\~\\~s\\~\\~ \\`c\\` \\| t',
  ],
  ['back\\slash \\[x](y)', 'back\\\\slash \\\\\\[x\\]\\(y\\)'],
  ['right\u202eleft', 'right left'],
])('%j means itself', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test.each([
  ['plain', '`plain`'],
  ['a`b', '`` a`b ``'],
  ['a\n\n[x](y)', '`a [x](y)`'],
])('%j stays one span of code', (text, span) => {
  expect(codeSpan(text)).toBe(span);
});
