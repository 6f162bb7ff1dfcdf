import { createGatewayMetrics } from '../../src/metrics/gateway';

/** Processor time of a webhook's part, in microseconds: the least of some rounds, of which others may disturb all but one. */
function costOf(once: () => void): number {
  const [rounds, times] = [5, 50_000];
  const round = () => {
    const before = process.cpuUsage();
    for (let n = 0; n < times; n++) once();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / times;
  };
  return Math.min(...Array.from({ length: rounds }, round));
}

const webhook = (metrics: ReturnType<typeof createGatewayMetrics> | undefined) => () => {
  metrics?.delivery('acme', 'accepted');
  metrics?.inboxCommit(1, 0.004, 'committed');
  metrics?.inboxSignal('sent');
  metrics?.webhookEnded('accepted', 0.012);
  metrics?.request('/webhooks/:id', 'POST', 202, 0.012);
};

test('measuring costs a webhook at most 4 µs of processor time, and 1 µs where it is off', () => {
  expect(costOf(webhook(undefined))).toBeLessThan(1);
  expect(costOf(webhook(createGatewayMetrics([])))).toBeLessThan(4);
});
