import { expect, see, seeItStay } from './see';
import { sendAll } from './steps-alive';
import { describeIntegration, numbersOf, numbersUpTo, type Story } from './story';
import { within } from './within';

export async function revoke(story: Story): Promise<string> {
  const { revoked } = await story.playground.revoke(story.person);
  expect(revoked === 1, 'one grant revoked', `${revoked} revoked`);
  const { status } = await story.integration();
  return `${story.person} took it back; Holdfast has not been told, and says ${status}`;
}

export async function useDeadToken(story: Story): Promise<string> {
  const usedAt = performance.now();
  await sendAll(story, 1, 'accepted');
  const { reason } = await see(story.patienceMs, {
    what: 'ERROR with its reason, in the API',
    look: () => story.integration(),
    isIt: ({ status, reason: why }) => status === 'ERROR' && why !== null,
    describe: describeIntegration,
  });
  const took = within(2_000, 'from the use of a revoked token to ERROR', usedAt);
  return `ERROR after ${took}: ${reason?.code ?? ''}. ${reason?.message ?? ''}`;
}

export async function keepTwenty(story: Story): Promise<string> {
  const before = await story.playground.counts();
  await sendAll(story, 20, 'parked');
  await seeItStay(story.stillMs, {
    what: 'nothing handled while the integration is in ERROR',
    look: async () => ({
      integration: await story.integration(),
      handled: numbersOf(await story.handled()),
      kept: await story.pendingByOutcome(),
      counts: await story.playground.counts(),
    }),
    isIt: ({ integration, handled, kept, counts }) =>
      integration.status === 'ERROR' &&
      integration.inbox.handled === 5 &&
      handled === numbersUpTo(5) &&
      kept['parked'] === 20 &&
      kept['accepted'] === 1 &&
      counts.apiRefusals === before.apiRefusals &&
      counts.refused === before.refused,
    describe: ({ integration, handled, kept, counts }) =>
      `${describeIntegration(integration)}; kept ${JSON.stringify(kept)}; the application handled ${handled}; ` +
      `${counts.apiRefusals - before.apiRefusals} refused API calls, ${counts.refused - before.refused} refused refreshes`,
  });
  return '21 wait in the API, the application saw none, and nobody asked the provider again';
}
