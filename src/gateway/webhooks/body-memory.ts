/** What bodies take that are arriving, or are being handled, in all connections of a gateway. */
export interface BodyMemory {
  share(): BodyShare;
}

/** One body's part of it. */
export interface BodyShare {
  /** Makes it so many bytes, if there is room. */
  grow(toBytes: number): boolean;
  release(): void;
}

export interface BodyMemoryLimits {
  /** For all bodies together. */
  totalBytes: number;
  /** The part of it that only small ones get: whoever fills the rest with large ones stops no others. */
  keptForSmallBytes: number;
  smallBytes: number;
}

const MiB = 1024 * 1024;

/** A few of the largest bodies that are allowed, and never less than what a busy gateway needs. */
export function bodyMemoryLimits(bodyLimitBytes: number): BodyMemoryLimits {
  const forLarge = Math.max(64 * MiB, 4 * bodyLimitBytes);
  return { totalBytes: forLarge + 64 * MiB, keptForSmallBytes: 64 * MiB, smallBytes: 64 * 1024 };
}

export function createBodyMemory(limits: BodyMemoryLimits): BodyMemory {
  const { totalBytes, keptForSmallBytes, smallBytes } = limits;
  let used = 0;
  return {
    share: () => {
      let own = 0;
      return {
        grow: (toBytes) => {
          const next = used - own + toBytes;
          const room = toBytes > smallBytes ? totalBytes - keptForSmallBytes : totalBytes;
          if (next > room) return false;
          used = next;
          own = toBytes;
          return true;
        },
        release: () => {
          used -= own;
          own = 0;
        },
      };
    },
  };
}
