/** How many drains a worker runs at once. */
export interface DrainLimits {
  /** Those that get on with their deliveries; as many again may wait for their places. */
  quick: number;
  /** Those that hang. */
  hanging: number;
  /** A drain hangs while one of its attempts has been in flight for so long. */
  hangsAfterMs: number;
}

/**
 * A user who is alone has 200 of the quick ones, 150 that wait, and 233 of those that hang. A drain that waits for an answer
 * costs its delivery's body and a few timers: measured, 250 of them with bodies of 1 KB take 10 MB and 4 % of one core.
 */
export const usualDrainLimits: DrainLimits = { quick: 300, hanging: 700, hangsAfterMs: 2_000 };

/** What the bodies of deliveries in flight, with their headers, may take of a worker's memory. */
export interface BodyLimits {
  /** All of them together, beyond what each drain has of its own. */
  totalBytes: number;
  /** What a drain has of its own; a body that fits comes along with the look at its inbox. */
  alongBytes: number;
}

export const usualBodyLimits: BodyLimits = { totalBytes: 256 * 1024 * 1024, alongBytes: 64 * 1024 };

/** Temporal's. */
export const slotsFor = ({ quick, hanging }: DrainLimits): number => 2 * quick + hanging;

/**
 * What one user, or one target, may hold, as a multiple of what is free (`isFairShare`). What hangs for a few users must
 * leave room for others who send to the same server.
 */
export const shares = {
  quick: { user: 2, target: 4 },
  waiting: { user: 1, target: 2 },
  hanging: { user: 1 / 2, target: 4 },
  bodies: { user: 1 / 2, target: 4 },
};

const spread = [0.75, 1.25] as const;
export const comeBack = {
  quick: { shortestMs: 500, longestMs: 48_000, spread },
  hanging: { shortestMs: 2_000, longestMs: 48_000, spread },
  bodies: { shortestMs: 500, longestMs: 48_000, spread },
};
/** How long one holds its place, until it is known: a short queue, and the time limit of a forward. */
export const usualMs = { quick: 1_000, hanging: 10_000, bodies: 1_000 };
