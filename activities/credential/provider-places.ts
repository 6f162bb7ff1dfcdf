import { createSharedPlaces } from '../../src/lib/shared-places';
import { tokenOrigin } from '../../src/providers/api-origins';
import type { Registry } from '../../src/providers/registry';

/** How many requests to providers a worker makes at once. */
export const providerSlots = 50;

/** Whose credential it is, and where its tokens come from. */
export interface Asker {
  userId: string;
  provider: string;
  /** What fills the placeholders of the provider's addresses. */
  parameters: Record<string, string> | null;
}

/** Whether somebody waits for it. */
export type Urgency = 'waited for' | 'in time';

export type Turn<Result> =
  { kind: 'done'; result: Result } | { kind: 'turned_away'; comeBackMs: number };

/**
 * As multiples of what is free: alone one token endpoint has 30 of 50 for what somebody waits for, a user 30, but 16 at one
 * endpoint. What nobody waits for, probes, revocations and trials, has 10 for each endpoint and each user.
 */
const factors = {
  origin: 3 / 2,
  user: 3 / 2,
  userAtOrigin: 1 / 2,
  originInTime: 1 / 4,
  userInTime: 1 / 4,
};
type Kind = keyof typeof factors;

const comeBack = { shortestMs: 1_000, longestMs: 60_000, spread: [1, 2] } as const;

export type ProviderPlaces = ReturnType<typeof createProviderPlaces>;

/**
 * Limits how many of a worker's slots one endpoint, or one user, may hold: with one that hangs, the refreshes of all the
 * others would wait for its time-outs. By its origin, and not by the provider: of one that users host themselves each has
 * their own, which may hang for nobody else.
 *
 * @param random from 0 to 1
 */
export function createProviderPlaces(
  registry: Pick<Registry, 'get'>,
  size = providerSlots,
  random: () => number = Math.random,
) {
  const now = () => performance.now();
  const usualMs = comeBack.shortestMs;
  const places = createSharedPlaces<Kind>({ size, factors, comeBack, usualMs, now, random });

  function keysOf({ userId, provider: name, parameters }: Asker, urgency: Urgency) {
    const provider = registry.get(name);
    const origin = (provider && tokenOrigin(provider, parameters ?? {})) ?? `provider ${name}`;
    const kinds: Record<Urgency, Partial<Record<Kind, string>>> = {
      'waited for': { origin, user: userId, userAtOrigin: `${origin} ${userId}` },
      'in time': { originInTime: origin, userInTime: userId },
    };
    return Object.entries(kinds[urgency]).map(([kind, of]) => ({
      kind: kind as Kind,
      key: `${kind} ${of}`,
    }));
  }

  return {
    /** Runs the work, or says at once when to come back where a share is full. */
    async run<Result>(
      asker: Asker,
      urgency: Urgency,
      work: () => Promise<Result>,
    ): Promise<Turn<Result>> {
      const keys = keysOf(asker, urgency);
      const full = places.fullKey(keys);
      if (full !== undefined) return { kind: 'turned_away', comeBackMs: places.turn(full) };
      places.enter(keys);
      const from = now();
      try {
        return { kind: 'done', result: await work() };
      } finally {
        places.leave(keys, now() - from);
      }
    },
  };
}
