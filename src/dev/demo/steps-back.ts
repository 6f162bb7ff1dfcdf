import { expect, see } from './see';
import { describeIntegration, numbersOf, numbersUpTo, type Story } from './story';
import { walk } from './walk';
import { within } from './within';

export async function reconnect(story: Story): Promise<string> {
  const { url } = await story.playground.reconnect(story.integrationId);
  const consentedAt = await walk(url, story.person);
  await see(story.patienceMs, {
    what: 'webhook 6, the first that was kept, handled',
    look: () => story.handled(),
    isIt: (handled) => handled[5]?.number === 6,
    describe: (handled) => `handled: ${numbersOf(handled)}`,
  });
  const took = within(2_000, 'from the consent to the first kept webhook', consentedAt);
  return `the first kept webhook was handled ${took} after the consent`;
}

export async function handleKept(story: Story): Promise<string> {
  const arrivals = await see(story.patienceMs, {
    what: 'webhooks 1 to 26, handled in order, each once',
    look: () => story.handled(),
    isIt: (handled) => numbersOf(handled) === numbersUpTo(26),
    describe: (handled) => `handled: ${numbersOf(handled)}`,
  });
  const sequences = arrivals.map(({ sequence }) => BigInt(sequence));
  const rising = sequences.every(
    (one, index) => index === 0 || one > (sequences[index - 1] ?? one),
  );
  expect(rising, "Holdfast's own sequence, rising", sequences.join(' '));
  const ids = new Set(arrivals.map(({ deliveryId }) => deliveryId));
  expect(ids.size === 26, '26 deliveries', `${ids.size}`);
  const end = await see(story.patienceMs, {
    what: 'ENABLED with an empty inbox, in the API',
    look: () => story.integration(),
    isIt: ({ status, inbox }) =>
      status === 'ENABLED' && inbox.pending === 0 && inbox.handled === 26 && inbox.failed === 0,
    describe: describeIntegration,
  });
  return `${numbersUpTo(26, 6)}; ${describeIntegration(end)}`;
}
