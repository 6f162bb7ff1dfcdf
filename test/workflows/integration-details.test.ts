import { describe as details } from '../../workflows/integration-details';
import type { IntegrationFacts } from '../../workflows/contract/status';

const facts: IntegrationFacts = {
  ...{ userId: 'ada', name: 'contacts', provider: 'acme', status: 'ENABLED', transition: 1 },
  ...{ since: '2026-01-01T00:00:00.000Z', reason: null, credentials: [] },
  resumeAsked: false,
};

test.each([
  ['auth0|5f7c', '`auth0|5f7c`'],
  ['[pay](https://evil.example)', '`[pay](https://evil.example)`'],
  ['a` [pay](https://evil.example) `', '`` a` [pay](https://evil.example) ` ``'],
  ['``', '``` `` ```'],
])('a user called %s stays one span of code in the details', (userId, span) => {
  expect(details('int_1', { ...facts, userId }, null)).toContain(`of ${span}`);
});
