import { setTimeout as delay } from 'node:timers/promises';
import { type IntegrationBody, sendWebhook } from '../../support/scenes/scene';
import type { LifeScene, Person } from './scene';

/** What callers were told. */
export interface Tally {
  /** Live tokens. */
  tokens: number;
  unavailable: number;
  dead: number;
  /** Answers that must not be: sentences. */
  wrong: string[];
  deliveries: number;
}

export interface Callers {
  life: LifeScene;
  random: () => number;
  isOver: () => boolean;
  /** When each account's last reconnect was complete. */
  reconnectedAt: Map<string, number>;
  tally: Tally;
}

/** How long after a trouble it may still be why a token can't be had. */
const aftermathMs = 60_000;

/** Asks the gateway for one person's tokens, and looks whether each answer was right. */
export async function askForTokens(callers: Callers, person: Person): Promise<void> {
  const { life, random, isOver, tally } = callers;
  while (!isOver()) {
    const integration = person.integrations[random() < 0.5 ? 0 : 1];
    const askedAt = Date.now();
    const { status, body } = await life.system.api<{ accessToken: string }>(
      'GET',
      `/v1/integrations/${integration.id}/token`,
    );
    const answeredAt = Date.now();
    if (status === 200) {
      tally.tokens++;
      if (!life.provider.issued.wasLive(body.accessToken, askedAt, answeredAt)) {
        tally.wrong.push(`${person.account} was given a token that was not live`);
      }
    } else if (status === 503) {
      tally.unavailable++;
      if (!life.troubles.some(({ to }) => to >= askedAt - aftermathMs)) {
        tally.wrong.push(`${person.account} had no token, for no reason`);
      }
    } else if (status === 424) {
      tally.dead++;
      if (!wasDead(callers, person, askedAt, answeredAt)) {
        tally.wrong.push(`${person.account} was called dead while it was alive`);
      }
    } else tally.wrong.push(`${person.account} was answered ${String(status)}`);
    await delay(100 + 400 * random());
  }
}

function wasDead(callers: Callers, { account }: Person, askedAt: number, answeredAt: number) {
  const refusedAt = callers.life.provider.shown
    .filter((one) => one.account === account && one.outcome === 'invalid_grant')
    .map(({ startedAt }) => startedAt)
    .filter((at) => at <= answeredAt)
    .at(-1);
  const mendedAt = callers.reconnectedAt.get(account) ?? 0;
  return refusedAt !== undefined && (mendedAt < refusedAt || mendedAt > askedAt);
}

/** More than this is not sent before the ones before are handled. */
const atMostPending = 3;

/** Keeps webhooks coming for one integration, whose handling needs its token. */
export async function sendWebhooks(
  { life, random, isOver, tally }: Callers,
  to: Person['integrations'][number],
): Promise<void> {
  while (!isOver()) {
    await delay(400 + 1_200 * random());
    const { inbox } = (await life.system.api<IntegrationBody>('GET', `/v1/integrations/${to.id}`))
      .body;
    if (inbox.pending >= atMostPending) continue;
    const { status } = await sendWebhook(life.system.url, to);
    if (status === 202) tally.deliveries++;
    else tally.wrong.push(`a webhook was answered ${String(status)}`);
  }
}
