import { expect, see } from './see';
import { describeIntegration, numbersOf, numbersUpTo, type Story } from './story';
import { walk } from './walk';

export async function connect(story: Story): Promise<string> {
  const { person, playground } = story;
  const { integrationId, url } = await playground.connect(person, 'contacts');
  story.integrationId = integrationId;
  const before = await story.integration();
  const notConnected = before.status === 'ERROR' && before.reason?.code === 'not_connected';
  expect(notConnected, 'ERROR, not_connected before anyone agreed', describeIntegration(before));

  await walk(url, person);
  const after = await see(story.patienceMs, {
    what: `ENABLED, connected as ${person}`,
    look: () => story.integration(),
    isIt: ({ status, credentials }) => status === 'ENABLED' && credentials[0]?.accountId === person,
    describe: describeIntegration,
  });
  return `${integrationId} is ${after.status}, account ${person}`;
}

export async function handleFive(story: Story): Promise<string> {
  await sendAll(story, 5, 'accepted');
  const arrivals = await see(story.patienceMs, {
    what: 'webhooks 1 to 5, handled in order',
    look: () => story.handled(),
    isIt: (handled) => numbersOf(handled) === numbersUpTo(5),
    describe: (handled) => `handled: ${numbersOf(handled)}`,
  });
  await see(story.patienceMs, {
    what: 'five handled in the API',
    look: () => story.integration(),
    isIt: ({ inbox }) => inbox.handled === 5 && inbox.pending === 0,
    describe: describeIntegration,
  });
  return `the application handled ${numbersOf(arrivals)}`;
}

/** @throws NotSeenError where one is answered otherwise */
export async function sendAll(story: Story, count: number, outcome: string): Promise<void> {
  const { sent } = await story.playground.send(story.integrationId, count);
  for (const { number, status, outcome: answer } of sent) {
    const asAwaited = status === 202 && answer === outcome;
    expect(asAwaited, `202 ${outcome} for webhook ${number}`, `${status ?? ''} ${answer}`);
  }
}
