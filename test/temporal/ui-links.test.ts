import { linksText, readLinks } from '../../src/cli/status-links';
import {
  listLink,
  lists,
  uiPlaceIn,
  uiPlaceOf,
  userLink,
  workflowLink,
} from '../../src/temporal/ui-links';

const ui = { url: 'https://temporal.example/ui', namespace: 'the apps' };

test('a link names a workflow, and says where its UI is', () => {
  const link = workflowLink(ui, 'integration:int_1');
  expect(link).toBe(
    'https://temporal.example/ui/namespaces/the%20apps/workflows/integration%3Aint_1',
  );
  expect(uiPlaceIn(link)).toEqual(ui);
  expect(uiPlaceIn('javascript:alert(1)')).toBeNull();
  expect(uiPlaceOf({})).toBeNull();
});

test('a list is of what runs, and what stands in quotes stays there', () => {
  const query = lists.brokenFor('ac"me', 'a\\b');
  expect(query).toBe(
    'IntegrationStatus="ERROR" AND IntegrationProvider="ac\\"me" AND IntegrationReason="a\\\\b" AND ExecutionStatus="Running"',
  );
  expect(new URL(listLink(ui, query)).searchParams.get('query')).toBe(query);
  for (const one of [lists.broken, lists.ofUser('ada')])
    expect(one).toContain('AND ExecutionStatus="Running"');
});

test("one user's list is by what Temporal is told of users, and there is none where it is told nothing", () => {
  expect(userLink(ui, 'ada')).toBe(
    'https://temporal.example/ui/namespaces/the%20apps/workflows?query=IntegrationUser%3D%22ada%22%20AND%20ExecutionStatus%3D%22Running%22',
  );
  expect(userLink(ui, '')).toBeNull();
});

test("the status has links to what is broken and to one user's, and none where nothing is, or nobody knows of a UI", async () => {
  const broken = ['int_1', 'int_2'].map((example, at) => ({
    ...{ provider: 'acme', code: `revoked_${at}`, count: 2, oldestSince: '', example },
  }));
  const ofUser = 'https://temporal.example/of-ada';
  expect(linksText({ broken }, { ui, ofUser })).toBe(`
In the Temporal UI:
  All broken        ${listLink(ui, lists.broken)}
  acme, revoked_0   ${listLink(ui, lists.brokenFor('acme', 'revoked_0'))}
    int_1           ${workflowLink(ui, 'integration:int_1')}
    all its user's  ${ofUser}
  acme, revoked_1   ${listLink(ui, lists.brokenFor('acme', 'revoked_1'))}
    int_2           ${workflowLink(ui, 'integration:int_2')}
`);
  expect(linksText({ broken }, { ui, ofUser: null })).not.toContain('user');
  expect(linksText({ broken: [] }, { ui, ofUser })).toBe('');
  expect(linksText({ broken }, null)).toBe('');

  const away = () => Promise.reject(new Error('gone meanwhile'));
  expect(await readLinks({ call: away }, { broken })).toBeNull();
  expect(await readLinks({ call: away }, { broken: [] })).toBeNull();
});
