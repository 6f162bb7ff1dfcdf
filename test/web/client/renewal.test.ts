import { createRenewal } from '../../../src/web/client/renewal';
import type { ConnectorStatus, PersonStatus } from '../../../src/web/client/person-status';
import { eventually } from '../../support/eventually';

const status = (of: Partial<ConnectorStatus>): PersonStatus => {
  const connector: ConnectorStatus = {
    ...{ status: 'connected', errorCode: null, lastSuccessAt: null, lastFailureAt: null },
    ...{ pending: 0, reconnectUrl: null, ...of },
  };
  return { userId: 'ada', connectors: { mail: connector }, anyNeedsReauth: false, hold: null };
};

test('a page is shown anew at once when something has happened, and not for each count', async () => {
  const shownAt: number[] = [];
  const renewal = createRenewal(() => shownAt.push(performance.now()), 400);
  renewal.changed(status({ pending: 100 }));
  expect(shownAt).toHaveLength(1);
  for (let pending = 99; pending > 50; pending--) renewal.changed(status({ pending }));
  expect(shownAt).toHaveLength(1);
  renewal.changed(status({ pending: 50, deliveryHealth: { state: 'failing' } }));
  expect(shownAt).toHaveLength(2);
  renewal.changed(status({ pending: 50, status: 'needs_reauth' }));
  expect(shownAt).toHaveLength(3);
  renewal.changed(status({ pending: 51, status: 'needs_reauth' }));
  renewal.changed(status({ pending: 52, status: 'needs_reauth' }));
  expect(shownAt).toHaveLength(3);
  // The last count is shown all the same.
  await eventually(() => expect(shownAt).toHaveLength(4));
  expect((shownAt[3] ?? 0) - (shownAt[2] ?? 0)).toBeGreaterThan(350);
  renewal.stop();
});
