import { checkedFolder } from './checked-folder';

const { write, read, check } = checkedFolder('provider-docs.mjs');
const stale =
  'docs/reference/providers.md is not what the declarations say: npm run docs:providers writes it.';

test('the table of built-in providers fails the check where it is missing or old, and is written', () => {
  expect(check('--check')).toMatchObject({ status: 1, faults: [stale] });
  write('docs/reference/providers.md', '# Built-in providers');
  expect(check('--check')).toMatchObject({ status: 1, faults: [stale] });
  expect(check()).toMatchObject({ status: 0, faults: [] });
  expect(check('--check')).toMatchObject({ status: 0, faults: [] });

  const rows = read('docs/reference/providers.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows).toHaveLength(8);
  expect(rows.find((row) => row.startsWith('| `shopify` |'))).toBe(
    '| `shopify` | at `{shop}`; scopes `read_products`; PKCE; the connection brings `shop` ' +
      '| access token: 1 hour; refresh token: 90 days; at most 1 grant for one account ' +
      '| 401 `invalid_request`; 404; `app_not_installed`; probe of ' +
      '`https://{shop}/admin/oauth/access_scopes.json` every 60 minutes; event `app/uninstalled` ' +
      '| none | scheme `shopify`; account at `x-shopify-shop-domain`, `shopify-shop-domain` ' +
      '| topic and `X-Shopify-Event-Id` | the subscription |',
  );
});
