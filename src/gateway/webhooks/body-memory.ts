import { createTally, isFairShare } from '../../lib/fair-share';

/** What bodies take that are arriving, or are being handled, in all connections of a gateway. */
export interface BodyMemory {
  share(of: BodyOf): BodyShare;
}

/** Whose body it is. */
export interface BodyOf {
  /** Null where many send from one address: then no share is counted for it. */
  source: string | null;
  target: string;
  /** Whether this source's webhooks for this target were verified lately. */
  isVerified: boolean;
}

/** One body's part of it. */
export interface BodyShare {
  /** Makes it so many bytes, if there is room and it is no more than the share of its source and of its target. */
  grow(toBytes: number): boolean;
  release(): void;
}

export interface BodyMemoryLimits {
  /** For all bodies together, but large ones. */
  totalBytes: number;
  /** The part of it that only verified ones get: whoever fills the rest, from however many addresses, stops none of those. */
  reservedBytes: number;
  /** What bodies beyond `smallBytes` leave for the others: a burst of them, of the same sender too, stops no small ones. */
  keptForSmallBytes: number;
  smallBytes: number;
  /** What a source, or a target, may have is at most so many times what it leaves free. */
  unverifiedFactor: number;
  /** The same for a source, or a target, that is verified: one alone, and busy, may have three quarters of all. */
  verifiedFactor: number;
  /** A body that takes more is a large one, which stands beside. */
  largeBytes: number;
  /** Large ones at once; one of a source and one of a target: nobody alone stops all others' by sending slowly. */
  largeAtOnce: number;
}

const MiB = 1024 * 1024;

/** What a request takes beside its body, from its headers on. */
export const overheadBytes = 14 * 1024;

/** A few of the largest bodies that are usual, and never less than what a busy gateway needs. */
export function bodyMemoryLimits(bodyLimitBytes: number): BodyMemoryLimits {
  const kept = { reservedBytes: 64 * MiB, keptForSmallBytes: 16 * MiB };
  const forLargest = 4 * (bodyLimitBytes + overheadBytes);
  return {
    totalBytes: kept.reservedBytes + Math.max(64 * MiB, kept.keptForSmallBytes + forLargest),
    ...kept,
    smallBytes: 64 * 1024 + overheadBytes,
    unverifiedFactor: 1,
    verifiedFactor: 3,
    largeBytes: bodyLimitBytes + overheadBytes,
    largeAtOnce: 2,
  };
}

export function createBodyMemory(limits: BodyMemoryLimits): BodyMemory {
  const { totalBytes, reservedBytes, largeBytes, largeAtOnce } = limits;
  const byParty = createTally();
  let used = 0;
  /** Of each large one its source, if it has a share, and its target. */
  const large = new Set<readonly string[]>();

  function freeFor(isVerified: boolean, toBytes: number, more: number): number {
    const room = isVerified ? totalBytes : totalBytes - reservedBytes;
    return room - (toBytes > limits.smallBytes ? limits.keptForSmallBytes : 0) - used - more;
  }

  function hasRoom(parties: readonly string[], isVerified: boolean, toBytes: number, more: number) {
    const factor = isVerified ? limits.verifiedFactor : limits.unverifiedFactor;
    const free = freeFor(isVerified, toBytes, more);
    return (
      free >= 0 && parties.every((party) => isFairShare(byParty.of(party) + more, free, factor))
    );
  }

  return {
    share: ({ source, target, isVerified }) => {
      const kind = isVerified ? 'verified' : 'unverified';
      // What nobody has verified takes nothing from the share of what is.
      const parties = [`${kind} to ${target}`];
      if (source !== null) parties.push(`${kind} from ${source}`);
      let own = 0;

      function set(bytes: number): void {
        const more = bytes - own;
        used += more;
        for (const party of parties) byParty.add(party, more);
        own = bytes;
      }

      return {
        grow: (toBytes) => {
          if (large.has(parties)) return true;
          if (toBytes > largeBytes) {
            const isTaken = [...large].some((one) => one.some((party) => parties.includes(party)));
            if (!isVerified || large.size >= largeAtOnce || isTaken) return false;
            large.add(parties);
            set(0);
            return true;
          }
          if (!hasRoom(parties, isVerified, toBytes, toBytes - own)) return false;
          set(toBytes);
          return true;
        },
        release: () => {
          set(0);
          large.delete(parties);
        },
      };
    },
  };
}
