import { linksText } from '../../src/cli/status-links';
import type { Overview } from '../../src/cli/status-faults';
import { listLink, lists, uiPlaceIn, uiPlaceOf, workflowLink } from '../../src/temporal/ui-links';

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

test('the status has links to what is broken, and none where nothing is, or nobody knows of a UI', () => {
  const broken = [
    { provider: 'acme', code: 'revoked', count: 2, oldestSince: '', example: 'int_1' },
  ];
  const overview = { broken } as unknown as Overview;
  expect(linksText(overview, ui)).toContain(workflowLink(ui, 'integration:int_1'));
  expect(linksText(overview, ui)).toContain(listLink(ui, lists.brokenFor('acme', 'revoked')));
  expect(linksText({ ...overview, broken: [] }, ui)).toBe('');
  expect(linksText(overview, null)).toBe('');
});
