import type { HoldView, KeptWebhooks } from '../../../src/web/pages/connection-view';
import { beforeSwitchingOff, howMany, webhookSentence } from '../../../src/web/words/webhooks';

const kept = (change: Partial<KeptWebhooks> = {}): KeptWebhooks => ({
  pending: 38,
  andMore: false,
  whenError: 'keep',
  whenDisabled: 'discard',
  inOrder: true,
  ...change,
});
const hold = (by: HoldView['by']): HoldView => ({ by, reason: undefined, since: new Date() });

test.each<[string, ...Parameters<typeof webhookSentence>]>([
  [
    'Webhooks are handled as they arrive.',
    kept({ pending: 0 }),
    { status: 'ENABLED', hold: undefined, mend: 'reconnect' },
  ],
  [
    '38 webhooks are being handled, in order.',
    kept(),
    { status: 'ENABLED', hold: undefined, mend: 'reconnect' },
  ],
  [
    '1 webhook is being handled.',
    kept({ pending: 1, inOrder: false }),
    { status: 'ENABLED', hold: undefined, mend: 'reconnect' },
  ],
  [
    '38 webhooks are waiting; they are handled in order once you reconnect.',
    kept(),
    { status: 'ERROR', hold: undefined, mend: 'reconnect' },
  ],
  [
    'Webhooks that arrive now are kept, and handled in order once you connect.',
    kept({ pending: 0 }),
    { status: 'ERROR', hold: undefined, mend: 'connect' },
  ],
  [
    'Webhooks are being discarded until you reconnect.',
    kept({ pending: 0, whenError: 'discard' }),
    { status: 'ERROR', hold: undefined, mend: 'reconnect' },
  ],
  [
    'Webhooks are being discarded while this is switched off.',
    kept({ pending: 0 }),
    { status: 'DISABLED', hold: undefined, mend: 'reconnect' },
  ],
  [
    '1 webhook is waiting; it is handled in order once this is switched on. New ones are being discarded while this is switched off.',
    kept({ pending: 1 }),
    { status: 'DISABLED', hold: undefined, mend: 'reconnect' },
  ],
  [
    'Webhooks that arrive now are kept, and handled once this is switched on.',
    kept({ pending: 0, whenDisabled: 'keep', inOrder: false }),
    { status: 'DISABLED', hold: undefined, mend: 'reconnect' },
  ],
  [
    '38 webhooks are waiting; they are handled in order once you resume.',
    kept(),
    { status: 'ENABLED', hold: hold('user'), mend: 'reconnect' },
  ],
  [
    'More than 10,000 webhooks are waiting; they are handled in order once you reconnect and the pause is over.',
    kept({ pending: 10_000, andMore: true }),
    { status: 'ERROR', hold: hold('operator'), mend: 'reconnect' },
  ],
])('it says what happens to webhooks: %s', (sentence, webhooks, situation) => {
  expect(webhookSentence(webhooks, situation)).toBe(sentence);
});

test('before switching off, a person is told by which policy', () => {
  expect(beforeSwitchingOff(kept())).toContain('are discarded');
  expect(beforeSwitchingOff(kept({ whenDisabled: 'keep' }))).toContain(
    'are kept, and handled in order once you switch it on again',
  );
  expect(howMany({ pending: 1, andMore: false })).toBe('1 webhook');
});
