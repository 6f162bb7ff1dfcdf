import { html } from '../../../src/web/document/html';

test('values are escaped for text and quoted attributes, markup of its own is not', () => {
  const value = `<b title="a" class='c'>&`;
  const inner = html`<i>${value}</i>`;
  expect(html`<p>${inner}${[inner, inner]}${undefined}${0}</p>`.text).toBe(
    `<p>${'<i>&lt;b title=&quot;a&quot; class=&#39;c&#39;&gt;&amp;</i>'.repeat(3)}0</p>`,
  );
});
