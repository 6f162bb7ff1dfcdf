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
interface Topic {
  places: Set<Place>;
  event: StatusEvent | null;
}

export interface Topics {
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

export function createTopics(): Topics {
  const topics = new Map<string, Topic>();
  let size = 0;
  return {
    get size() {
      return size;
    },
    countOf: (userId) => topics.get(userId)?.places.size ?? 0,
    add: (userId, tick) => {
      const topic = topics.get(userId) ?? { places: new Set(), event: null };
      const place = { userId, sessionId: null, endsAt: Infinity, stream: null, tick };
      topics.set(userId, topic);
      topic.places.add(place);
      size++;
      return place;
    },
    remove: (place) => {
      const topic = topics.get(place.userId);
      if (topic?.places.delete(place) !== true) return;
      size--;
      if (topic.places.size === 0) topics.delete(place.userId);
    },
    includes: (place) => topics.get(place.userId)?.places.has(place) === true,
    places: (userId) =>
      userId === undefined
        ? [...topics.values()].flatMap(({ places }) => [...places])
        : [...(topics.get(userId)?.places ?? [])],
    userIds: () => [...topics.keys()],
    has: (userId) => (topics.has(userId) ? [userId] : []),
    eventOf: (userId) => topics.get(userId)?.event ?? null,
    publish: (userId, event) => {
      const topic = topics.get(userId);
      if (topic === undefined) return;
      topic.event = event;
      for (const { stream } of topic.places) stream?.send(event.bytes);
    },
  };
}
