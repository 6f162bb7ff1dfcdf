import { confirmPage } from '../../../src/web/pages/confirm';

const shown = (account: { id: string; label?: string } | undefined) => {
  const page = confirmPage({
    ...{
      provider: 'Acme',
      appName: 'App',
      account,
      userLabel: undefined,
      switchesOn: false,
      userId: 'ada',
    },
    ...{ action: '/oauth/acme/confirm', code: 'code' },
  });
  const { text } = page.content;
  return /Account at Acme<\/dt>\s*<dd>\s*(.*?)\s*<\/dd>/s.exec(text)?.[1];
};

test('S59 a label may be anybody’s: the id of the account stands beside it where they differ', () => {
  expect(shown({ id: '583231', label: 'octo<cat' })).toBe(
    '<bdi>octo&lt;cat</bdi> (<bdi>583231</bdi>)',
  );
  expect(shown({ id: 'a@b.example', label: 'a@b.example' })).toBe('<bdi>a@b.example</bdi>');
  expect(shown({ id: 'acct_1' })).toBe('<bdi>acct_1</bdi>');
  expect(shown(undefined)).toBe('Not known: Acme does not say');
});
