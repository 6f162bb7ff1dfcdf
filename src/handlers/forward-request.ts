import type { StoredDelivery } from './custom/delivery';

/** A delivery on its way to its destination. */
export interface ForwardRequest {
  delivery: StoredDelivery;
  destinationUrl: string;
  /** `whsec_…`; each of them signs. */
  secrets: readonly string[];
  /** Decimal digits; rises in the order of receipt for one integration. */
  sequence: string;
  /** Null where the integration has no credential. */
  credentialVersion: number | null;
}
