/** A webhook that was answered 2xx, or a request that the destination got. Times in Unix milliseconds. */
export interface LogEntry {
  integrationId: string;
  /** As the gateway's answer has it, and the header `webhook-id`. */
  deliveryId: string;
  at: number;
}

export interface Log {
  /** For each integration in the order in which it was accepted. */
  acknowledged: readonly LogEntry[];
  received: readonly LogEntry[];
}

export interface Verdict {
  /** Acknowledged, and never received. */
  lost: LogEntry[];
  /** Received first though one acknowledged before had not been, or again after a later one. */
  outOfOrder: LogEntry[];
  /** Received though nobody was told that it is stored. */
  unknown: LogEntry[];
  /** Requests with one that was received before, next to each other: a mark that a fault kept from being written. */
  repeats: number;
}

/** What became of what was acknowledged. */
export function judge({ acknowledged, received }: Log): Verdict {
  const verdict: Verdict = { lost: [], outOfOrder: [], unknown: [], repeats: 0 };
  const got = byIntegration(received);
  for (const [integrationId, accepted] of byIntegration(acknowledged)) {
    const mine = got.get(integrationId) ?? [];
    const ids = new Set(mine.map(({ deliveryId }) => deliveryId));
    verdict.lost.push(...accepted.filter(({ deliveryId }) => !ids.has(deliveryId)));
  }
  const places = new Map<string, number>();
  for (const { deliveryId } of acknowledged) {
    if (!places.has(deliveryId)) places.set(deliveryId, places.size);
  }
  for (const mine of got.values()) judgeOrder(mine, places, verdict);
  return verdict;
}

function judgeOrder(
  received: readonly LogEntry[],
  places: ReadonlyMap<string, number>,
  verdict: Verdict,
): void {
  let newest = -1;
  for (const entry of received) {
    const place = places.get(entry.deliveryId);
    if (place === undefined) verdict.unknown.push(entry);
    else if (place < newest) verdict.outOfOrder.push(entry);
    else if (place === newest) verdict.repeats++;
    newest = Math.max(newest, place ?? newest);
  }
}

/**
 * How long after a moment each integration's first request came, in milliseconds.
 * @returns null where none has come
 */
export function waysBack(
  integrationIds: readonly string[],
  received: readonly LogEntry[],
  since: number,
): Map<string, number | null> {
  const ways = new Map<string, number | null>(integrationIds.map((id) => [id, null]));
  for (const { integrationId, at } of received) {
    if (at >= since && ways.get(integrationId) === null) ways.set(integrationId, at - since);
  }
  return ways;
}

/**
 * When the last of what was acknowledged before a moment had been received, and whose it was; the moment itself where all had
 * been.
 * @returns null where some of it has not
 */
export function workedOff(
  { acknowledged, received }: Log,
  before: number,
): { at: number; integrationId: string } | null {
  const firsts = new Map<string, number>();
  for (const { deliveryId, at } of received) {
    if (!firsts.has(deliveryId)) firsts.set(deliveryId, at);
  }
  let last = { at: before, integrationId: '' };
  for (const { integrationId, deliveryId, at } of acknowledged) {
    if (at > before) continue;
    const first = firsts.get(deliveryId);
    if (first === undefined) return null;
    if (first > last.at) last = { at: first, integrationId };
  }
  return last;
}

function byIntegration(entries: readonly LogEntry[]): Map<string, LogEntry[]> {
  const groups = new Map<string, LogEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.integrationId);
    if (group === undefined) groups.set(entry.integrationId, [entry]);
    else group.push(entry);
  }
  return groups;
}
