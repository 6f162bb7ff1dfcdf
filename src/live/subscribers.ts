import type { EventStream } from './event-stream';
import type { StatusEvent } from './status-event';

/** One reader's place among a person's streams. */
export interface Place {
  readonly userId: string;
  /** Null for the application, which has no session that could end. */
  sessionId: string | null;
  /** On the monotonic clock. */
  endsAt: number;
  /** Null until the first status is known. */
  stream: EventStream | null;
  /** Which tick of the heartbeat is its own. */
  readonly tick: number;
}

/** A person's streams, and what they were told last. */
interface UserSubscribers {
  places: Set<Place>;
  event: StatusEvent | null;
}

export interface Subscribers {
  /** Of places, of everybody. */
  readonly size: number;
  countOf(userId: string): number;
  add(userId: string, tick: number): Place;
  remove(place: Place): void;
  includes(place: Place): boolean;
  /** Everybody's, or one person's. */
  places(userId?: string): Place[];
  userIds(): string[];
  /** That person, if they have a stream. */
  has(userId: string): string[];
  eventOf(userId: string): StatusEvent | null;
  publish(userId: string, event: StatusEvent): void;
}

export function createSubscribers(): Subscribers {
  const byUser = new Map<string, UserSubscribers>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    countOf: (userId) => byUser.get(userId)?.places.size ?? 0,
    add: (userId, tick) => {
      const one = byUser.get(userId) ?? { places: new Set(), event: null };
      const place = { userId, sessionId: null, endsAt: Infinity, stream: null, tick };
      byUser.set(userId, one);
      one.places.add(place);
      size++;
      return place;
    },
    remove: (place) => {
      const one = byUser.get(place.userId);
      if (one?.places.delete(place) !== true) return;
      size--;
      if (one.places.size === 0) byUser.delete(place.userId);
    },
    includes: (place) => byUser.get(place.userId)?.places.has(place) === true,
    places: (userId) =>
      userId === undefined
        ? [...byUser.values()].flatMap(({ places }) => [...places])
        : [...(byUser.get(userId)?.places ?? [])],
    userIds: () => [...byUser.keys()],
    has: (userId) => (byUser.has(userId) ? [userId] : []),
    eventOf: (userId) => byUser.get(userId)?.event ?? null,
    publish: (userId, event) => {
      const one = byUser.get(userId);
      if (one === undefined) return;
      one.event = event;
      for (const { stream } of one.places) stream?.send(event.bytes);
    },
  };
}
