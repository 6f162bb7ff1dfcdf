/** One event for one integration, verified and about to be stored. */
export interface NewDelivery {
  /** Its id, unless it repeats one that is known. */
  id: string;
  integrationId: string;
  /** Among the events of one request. */
  position: number;
  /** SHA-256 of the dedupe key, 32 bytes; random ones where it has none. */
  dedupeHash: Buffer;
  /** The key as people see it. */
  dedupeKey: string | null;
  eventType: string | null;
  /** JSON text: [[name, value], …]. */
  headers: string;
  body: Buffer;
  /** Where its integration keeps no more its sender is told to send it again; else it is stored up to twice that. */
  refusable: boolean;
  /** Of the span that it is accepted in, where that is sampled. */
  traceparent?: string | undefined;
}

export type AcceptedDelivery =
  | {
      /** A duplicate has the first one's id. */
      id: string;
      outcome: 'accepted' | 'duplicate' | 'parked' | 'discarded';
    }
  /** Not stored, only counted: there was no room, and it could not be refused. */
  | { id: null; outcome: 'discarded' };

/** What became of one; a word where there is no such integration, or it keeps no more. */
export type AcceptResult = AcceptedDelivery | 'integration_gone' | 'inbox_full';
