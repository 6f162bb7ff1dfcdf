import type { Pool } from '../db/pool';
import { readTimeLeft } from '../db/queries/people/sessions';
import { HoldfastError, messageOf } from '../lib/errors';
import type { Logger } from '../lib/log';
import { createCoalescedReads } from './coalesced-reads';
import type { EventStream } from './event-stream';
import { listen, type LiveMessage } from './listen';
import { createFirstStatuses } from './first-status';
import { statusEvent } from './status-event';
import type { StatusReader } from './status-reader';
import { createSubscribers, type Place } from './subscribers';

export interface HubOptions {
  pool: Pool;
  read: StatusReader;
  log: Logger;
  /** Streams open at once, of one person and of this gateway. */
  maxOfOne?: number;
  maxOfAll?: number;
  heartbeatMs?: number;
}

/** Tells everybody who has a stream open how their connections are, and again whenever they are otherwise. */
export interface Hub {
  /**
   * A place among a person's streams, once their status is known. Listening begins before that is read.
   *
   * @param sessionId null where it is the application that asks
   * @throws HoldfastError `too_many_streams`, `overloaded`, `database_unavailable`, `unauthorized`
   */
  join(userId: string, sessionId: string | null): Promise<Place>;
  /** Sends the status as it is by now, and from now on every other one. */
  begin(place: Place, stream: EventStream): void;
  leave(place: Place): void;
  /** Ends every stream. */
  close(): Promise<void>;
}

/** Counts have no triggers: all is read again now and then, which also makes up for what went unheard. */
const lookAgainMs = 2_000;
/** Later where looking is slow: it takes a tenth of the time, as long as it is done in half a second. */
const rest = 10;
const latestLookMs = 5_000;
/** How long what was told may stand while nobody knows whether it still is so. */
const graceMs = 3_000;
/** A thousand heartbeats at once would hold up everything else. */
const ticksOfBeat = 15;

export function createHub(options: HubOptions): Hub {
  const { pool, log, maxOfOne = 20, maxOfAll = 5_000, heartbeatMs = 15_000 } = options;
  const subscribers = createSubscribers();
  const firsts = createFirstStatuses(graceMs);
  let listening: { close(): Promise<void> } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isListening = false;
  let isClosed = false;
  let lostAt: number | null = null;
  let areSessionsUnchecked = false;
  let joined = 0;
  let tick = 0;
  let spentMs = 0;
  let lookAt = 0;

  const reads = createCoalescedReads({
    log,
    read: async (userIds) => {
      const began = performance.now();
      return options.read(userIds).finally(() => {
        spentMs += performance.now() - began;
      });
    },
    tell: (status, again) => {
      const text = JSON.stringify(status);
      if (again || subscribers.eventOf(status.userId)?.text !== text) {
        subscribers.publish(status.userId, statusEvent(text));
      }
      // What was read while nobody listened may be old already.
      if (isListening) firsts.known(status.userId);
    },
  });

  function begin(): void {
    if (listening !== null) return;
    listening = listen({ pool, log, onListening, onMessage, onLost });
    timer = setInterval(onTick, heartbeatMs / ticksOfBeat);
  }

  function onListening(): void {
    isListening = true;
    lostAt = null;
    reads.ask(subscribers.userIds(), true);
    void checkSessions(subscribers.places());
  }

  function onLost(): void {
    isListening = false;
    lostAt ??= performance.now();
  }

  function onMessage({ kind, userId }: LiveMessage): void {
    if (kind === 'status')
      reads.ask(userId === '' ? subscribers.userIds() : subscribers.has(userId));
    else if (kind === 'session') void checkSessions(subscribers.places(userId));
    else for (const place of subscribers.places(userId)) end(place);
  }

  function onTick(): void {
    const now = performance.now();
    tick = (tick + 1) % ticksOfBeat;
    const unknownSince = lostAt ?? reads.unknownSince() ?? now;
    const isUnknown = now - unknownSince > graceMs;
    for (const place of subscribers.places()) {
      if (place.stream === null) continue;
      if (isUnknown || place.endsAt <= now) end(place);
      else if (place.tick === tick) place.stream.beat();
    }
    if (isListening && now >= lookAt) {
      lookAt = now + Math.min(Math.max(lookAgainMs, spentMs * rest), latestLookMs);
      spentMs = 0;
      reads.ask(subscribers.userIds());
      if (areSessionsUnchecked) {
        areSessionsUnchecked = false;
        void checkSessions(subscribers.places());
      }
    }
  }

  /** What can't be told now is asked again at the next look. */
  async function checkSessions(places: readonly Place[]): Promise<void> {
    await readSessions(places).catch((error: unknown) => {
      const err = messageOf(error);
      log.warn({ event: 'people.sessions_unread', err }, 'Sessions can not be read');
      areSessionsUnchecked = true;
    });
  }

  /** Ends what belongs to a session that is over, and notes when the others will be. @throws the database's error */
  async function readSessions(places: readonly Place[]): Promise<void> {
    const ids = places.map(({ sessionId }) => sessionId).filter((id) => id !== null);
    if (ids.length === 0) return;
    const left = await readTimeLeft(pool, [...new Set(ids)]);
    const now = performance.now();
    for (const place of places) {
      if (place.sessionId === null) continue;
      place.endsAt = now + (left.get(place.sessionId) ?? 0);
      if (!left.has(place.sessionId)) end(place);
    }
  }

  /** They come back, not all of them at once. */
  function end(place: Place): void {
    subscribers.remove(place);
    place.stream?.end(500 + Math.random() * 1_500);
  }

  function expectRoom(userId: string): void {
    if (subscribers.countOf(userId) >= maxOfOne) {
      const message = `This person has ${maxOfOne} streams open already. Close one first.`;
      throw new HoldfastError('too_many_streams', message, { retryAfterSeconds: 30 });
    }
    if (subscribers.size >= maxOfAll || isClosed) {
      const message = 'This gateway has as many streams open as it takes. Ask again later.';
      throw new HoldfastError('overloaded', message, { retryAfterSeconds: 5 });
    }
  }

  return {
    join: async (userId, sessionId) => {
      expectRoom(userId);
      const place = subscribers.add(userId, joined++ % ticksOfBeat);
      try {
        begin();
        place.sessionId = sessionId;
        const first = firsts.wait(userId);
        if (isListening) reads.ask([userId]);
        await Promise.all([first, readSessions([place])]);
        if (subscribers.includes(place)) return place;
        throw new HoldfastError('unauthorized', 'This session has ended.');
      } catch (error) {
        subscribers.remove(place);
        throw error;
      }
    },
    begin: (place, stream) => {
      place.stream = stream;
      const event = subscribers.eventOf(place.userId);
      if (event === null || !subscribers.includes(place)) end(place);
      else stream.send(event.bytes);
    },
    leave: (place) => subscribers.remove(place),
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      reads.stop();
      firsts.close();
      for (const place of subscribers.places()) end(place);
      await listening?.close();
    },
  };
}
