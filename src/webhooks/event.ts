/** One event of a verified request: what is stored as a delivery. */
export interface WebhookEvent {
  /** The bytes as the sender wrote them: the whole body, or the event's own part of it. */
  body: Buffer;
  /**
   * By which its repeats are known, whole and final; see `storedKey` for what is stored. Null where nothing is a repeat of
   * it, or only the same bytes within some time (`sameBodySeconds`).
   */
  dedupeKey: string | null;
  eventType: string | null;
  /** Whose event it is, as the sender names its accounts; null where that isn't said. */
  account: string | null;
  /** Its type is one of those that say that a grant is gone. */
  foretellsDeath: boolean;
}

/** What a genuine request asks to be answered with, instead of being stored. */
export interface Handshake {
  status: number;
  contentType: string;
  body: string;
}
