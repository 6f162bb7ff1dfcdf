import { Type } from 'typebox';
import { randomToken } from '../../crypto/hash';
import type { Arrival } from '../playground/application';
import { createHoldfastApi, type HoldfastApi } from '../playground/holdfast-api';
import {
  deliveriesAnswer,
  type IntegrationAnswer,
  integrationAnswer,
} from '../playground/holdfast-schemas';
import { createPlaygroundClient, type PlaygroundClient } from './playground-client';
import type { Stack } from './stack';

/** What the steps share: whom the story is about, and the ways to look. */
export interface Story {
  /** At the provider and at Holdfast: nobody else's, so that it may run beside others. */
  person: string;
  playground: PlaygroundClient;
  /** How long anything may take to be seen. */
  patienceMs: number;
  /** How long nothing may happen, to be believed. */
  stillMs: number;
  /** Empty until the first step. */
  integrationId: string;
  integration(): Promise<IntegrationAnswer>;
  /** How many deliveries Holdfast has as pending, by what their sender was told. */
  pendingByOutcome(): Promise<Record<string, number>>;
  /** What the application answered with 200, in order. */
  handled(): Promise<Arrival[]>;
  /** Removes what the story made. */
  forget(): Promise<void>;
}

export function beginStory({ holdfastUrl, playgroundUrl, apiKey }: Stack): Story {
  const holdfast: HoldfastApi = createHoldfastApi(holdfastUrl, apiKey);
  const playground = createPlaygroundClient(playgroundUrl, apiKey);
  const path = () => `/v1/integrations/${story.integrationId}`;
  const story: Story = {
    person: `demo-${randomToken(4)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '0')}`,
    playground,
    patienceMs: 20_000,
    stillMs: 2_000,
    integrationId: '',
    integration: () => holdfast.call(integrationAnswer, 'GET', path()),
    pendingByOutcome: async () => {
      const list = `${path()}/deliveries?state=pending&limit=100`;
      const { items } = await holdfast.call(deliveriesAnswer, 'GET', list);
      const counts: Record<string, number> = {};
      for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
      return counts;
    },
    handled: async () => {
      const { received } = await playground.received(story.integrationId);
      return received.filter(({ answer }) => answer === 200);
    },
    forget: async () => {
      await holdfast.call(Type.Unknown(), 'DELETE', path());
      await playground.revoke(story.person);
    },
  };
  return story;
}

/** In words, for what was seen. */
export function describeIntegration({ status, reason, inbox }: IntegrationAnswer): string {
  const why = reason === null ? '' : `, ${reason.code}`;
  return `${status}${why}, ${inbox.pending} waiting, ${inbox.handled} handled`;
}

export const numbersOf = (arrivals: readonly Arrival[]): string =>
  arrivals.map(({ number }) => number ?? '?').join(' ');

/** `1 2 3 … n` */
export const numbersUpTo = (last: number, first = 1): string =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index).join(' ');
