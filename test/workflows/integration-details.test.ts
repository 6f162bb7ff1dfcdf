import { describe as details, remarkOn } from '../../workflows/integration-details';
import type { CredentialState, IntegrationFacts } from '../../workflows/contract/status';

const facts: IntegrationFacts = {
  ...{ userId: 'ada', name: 'contacts', provider: 'acme', status: 'ENABLED', transition: 1 },
  ...{ since: '2026-01-01T00:00:00.000Z', reason: null, credentials: [] },
  resumeAsked: false,
};

const credential = (name: string, state: CredentialState) => ({
  ...{ name, id: `crd_${name}`, state, version: state === 'missing' ? 0 : 1, code: null },
});
const never: IntegrationFacts = {
  ...{ ...facts, status: 'ERROR', credentials: [credential('main', 'missing')] },
  reason: {
    ...{ code: 'not_connected', credential: 'main', by: 'application', since: facts.since },
    message: 'The credential "main" was never connected. Reconnect to go on.',
  },
};

test('S51 what was never connected is told as that, with what to do, and not as broken', () => {
  const text = details({ id: 'int_1' }, never);
  expect(text).toMatch(/Not connected yet[^]*To begin, its owner connects it/);
  expect(text).not.toMatch(/Reconnect|reauthorized/);
  const credentials = [...never.credentials, credential('other', 'dead')];
  expect(details({ id: 'int_1' }, { ...never, credentials })).toMatch(
    /was never connected\. Reconnect[^]*To mend it/,
  );
});

test('a destination that fails is told with the error as one span of code, whatever it says', () => {
  const failing = {
    ...{ origin: 'handler:sync', since: facts.since, nextAttemptAt: '2026-01-01T00:01:00.000Z' },
    error: `a\n\n# [pay](https://evil.example) \`now\` ${'x'.repeat(500)}`,
  };
  const told = (status: IntegrationFacts['status']) =>
    details({ id: 'int_1' }, { ...facts, status, failing }).split('\n\n')[1];
  expect(told('ENABLED')).toMatch(
    /^\*\*Deliveries fail\*\* at `handler:sync` since 2026-01-01T00:00:00.000Z: `` a # \[pay\]\(https:\/\/evil.example\) `now` x{1,200} ``\. The next attempt is at 2026-01-01T00:01:00.000Z\.$/,
  );
  expect(told('DISABLED')).not.toContain('next attempt');
  expect(details({ id: 'int_1' }, { ...facts, failing: null })).not.toContain('fail');
});

test.each([
  ['auth0|5f7c', '`auth0|5f7c`'],
  ['[pay](https://evil.example)', '`[pay](https://evil.example)`'],
  ['a` [pay](https://evil.example) `', '`` a` [pay](https://evil.example) ` ``'],
  ['``', '``` `` ```'],
])('a user called %s stays one span of code in the details', (userId, span) => {
  expect(details({ id: 'int_1' }, { ...facts, userId })).toContain(`of ${span}`);
});

test('what people and providers wrote is text, wherever it stands', () => {
  const evil = 'x\n\n[pay](https://evil.example) <b>';
  const reason = {
    ...{ code: evil, credential: evil, credentials: null, message: evil, by: evil },
    since: facts.since,
  };
  const credential = { id: 'crd_1', version: 2, state: 'dead', code: evil } as const;
  const invalidations = [
    { credentialId: '` [pay](https://evil.example)', version: 1, code: 'invalidated' } as const,
  ];
  const asked = {
    ...{ integrationId: 'int_1', invalidations, invalidateAll: false, revivals: [] },
    ...{ reviveAll: false, resume: false },
  };
  const failing = { origin: evil, since: facts.since, error: evil, nextAttemptAt: null };
  const said = details({ id: 'int_1', remark: remarkOn(asked, asked, null, facts) }, {
    ...{ ...facts, provider: evil, userId: evil, name: evil, failing },
    ...{ status: 'ERROR', reason, credentials: [{ ...credential, name: evil }] },
  } as never);
  // Outside of code nothing begins a link or a tag; within it, no backtick ends it.
  const outside = said.replaceAll(/(`+)[^`\n]+(?:(?!\1)`+[^`\n]+)*\1/g, '…');
  expect(outside).not.toMatch(/(?<!\\)[[<]|https:/);
  expect(said).toContain('``` ` [pay](https://evil.example) ```'.slice(1, -1));
});
