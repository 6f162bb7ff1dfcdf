import type { HoldView, KeptUpdates } from '../../../src/web/pages/connection-view';
import { beforeSwitchingOff, howMany, updateSentence } from '../../../src/web/words/updates';

type Situation = Parameters<typeof updateSentence>[1];

const kept = (change: Partial<KeptUpdates> = {}): KeptUpdates => ({
  pending: 38,
  andMore: false,
  whenError: 'keep',
  whenDisabled: 'discard',
  inOrder: true,
  ...change,
});
const at = (
  status: Situation['status'],
  mend: Situation['mend'] = 'reconnect',
  hold?: HoldView,
): Situation => ({
  provider: 'Acme',
  appName: 'Example App',
  status,
  hold,
  mend,
  failing: undefined,
});
const hold = (by: HoldView['by']): HoldView => ({ by, reason: undefined, since: new Date() });

test.each<[string, ...Parameters<typeof updateSentence>]>([
  ['Updates are handled as they arrive.', kept({ pending: 0 }), at('ENABLED', 'reconnect')],
  ['38 updates are being handled, in order.', kept(), at('ENABLED', 'reconnect')],
  ['1 update is being handled.', kept({ pending: 1, inOrder: false }), at('ENABLED', 'reconnect')],
  [
    '38 updates are waiting; they are handled in order once you reconnect Acme.',
    kept(),
    at('ERROR', 'reconnect'),
  ],
  [
    'Updates that arrive now are kept, and handled in order once you connect Acme.',
    kept({ pending: 0 }),
    at('ERROR', 'connect'),
  ],
  [
    'Updates are being discarded until you reconnect Acme.',
    kept({ pending: 0, whenError: 'discard' }),
    at('ERROR', 'reconnect'),
  ],
  [
    'Updates are being discarded while Acme is switched off.',
    kept({ pending: 0 }),
    at('DISABLED', 'reconnect'),
  ],
  [
    '1 update is waiting; it is handled in order once Acme is switched on. New ones are being discarded while Acme is switched off.',
    kept({ pending: 1 }),
    at('DISABLED', 'reconnect'),
  ],
  [
    'Updates that arrive now are kept, and handled once Acme is switched on.',
    kept({ pending: 0, whenDisabled: 'keep', inOrder: false }),
    at('DISABLED', 'reconnect'),
  ],
  [
    '38 updates are waiting; they are handled in order once you resume.',
    kept(),
    at('ENABLED', 'reconnect', hold('user')),
  ],
  [
    'More than 10,000 updates are waiting; they are handled in order once you reconnect Acme and the pause is over.',
    kept({ pending: 10_000, andMore: true }),
    at('ERROR', 'reconnect', hold('operator')),
  ],
  [
    '3 updates are waiting: Example App is not answering.',
    kept({ pending: 3 }),
    { ...at('ENABLED'), failing: { isUnanswering: true } },
  ],
  [
    '1 update is waiting: Example App does not take it at the moment.',
    kept({ pending: 1 }),
    { ...at('ENABLED'), failing: { isUnanswering: false } },
  ],
  [
    '2 updates are waiting: this application does not take them at the moment.',
    kept({ pending: 2 }),
    { ...at('ENABLED'), failing: { isUnanswering: false }, appName: 'this application' },
  ],
  [
    'Updates are handled as they arrive.',
    kept({ pending: 0 }),
    { ...at('ENABLED'), failing: { isUnanswering: true } },
  ],
  [
    '3 updates are waiting; they are handled in order once you reconnect Acme.',
    kept({ pending: 3 }),
    { ...at('ERROR'), failing: { isUnanswering: true } },
  ],
])('it says what happens to updates, and names the service: %s', (sentence, updates, situation) => {
  expect(updateSentence(updates, situation)).toBe(sentence);
});

test('before switching off, a person is told by which policy', () => {
  expect(beforeSwitchingOff(kept(), { provider: 'Acme' })).toContain('are discarded');
  expect(beforeSwitchingOff(kept({ whenDisabled: 'keep' }), { provider: 'Acme' })).toContain(
    'are kept, and handled in order once you switch Acme on again',
  );
  expect(howMany({ pending: 1, andMore: false })).toBe('1 update');
});
