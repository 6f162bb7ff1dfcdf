import type { Outgoing } from '../lib/http/guarded';

/** Schemes that need nothing said but their name. */
interface NamedScheme {
  scheme:
    'standard-webhooks' | 'github' | 'stripe' | 'slack' | 'shopify' | 'hubspot' | 'attio' | 'none';
}

/** A webhook scheme that is described rather than named. */
export interface HmacScheme {
  scheme: 'hmac';
  header: string;
  algorithm: 'sha256' | 'sha1' | 'sha512';
  encoding: 'hex' | 'base64';
  prefix?: string;
  /** What is signed: `{body}`, `{timestamp}` and `{id}` are filled in; default `{body}`. */
  signed?: string;
  timestampHeader?: string;
  /** Default 300. */
  toleranceSeconds?: number;
  /** Short for `dedupe: { headers: [it] }`; it is also `{id}`. */
  dedupeHeader?: string;
  eventHeader?: string;
}

/** Google's Pub/Sub push with authentication: a token signed by Google instead of a secret. */
export interface GooglePubsubScheme {
  scheme: 'google-pubsub';
  /** The push subscription's audience; Google's default is the push address. */
  audience: string;
  /** The email address of the service account that the subscription pushes as. */
  serviceAccount: string;
  /** Where the keys are (RFC 7517 section 5); default: Google's. */
  keysUrl?: string;
}

export type WebhookScheme = NamedScheme | HmacScheme | GooglePubsubScheme;

/** How repeats of an event are known. Default: by the scheme's own key; where it has none, not at all. */
export type Dedupe =
  | 'none'
  /** The values of all of these make the key. Where one of them is missing the event is new. Pointers count from the event. */
  | { headers?: string[]; pointers?: string[] }
  /** The same bytes within so many seconds of the first. */
  | { sameBodyWithinSeconds: number };

/** As the registry hands it out: with the way to the sender's keys, where the scheme has to fetch them. */
export type ConnectedWebhook = WebhookDeclaration & { outgoing?: Outgoing };

/** How a provider's webhooks are verified, and what is found where in them. */
export type WebhookDeclaration = WebhookScheme & {
  /** The app's own secrets, for what arrives at `POST /webhooks/apps/<provider>`. */
  secrets?: (string | undefined)[];
  /** JSON Pointer (RFC 6901) to the account that an event belongs to; of several the first that holds one. */
  accountPointer?: string | readonly string[];
  /** The header that names the account, which is then asked before any pointer; most senders don't sign it. */
  accountHeader?: string | readonly string[];
  /**
   * JSON Pointer to an array of events, where one request carries several; the other pointers then count
   * from each of them.
   */
  eventsPointer?: string;
  /** JSON Pointer to an event's type, where the scheme doesn't know it; of several the first that holds one. */
  eventTypePointer?: string | readonly string[];
  /** Types of events that say that a grant is gone: the provider is asked about it at once. */
  deathEvents?: string[];
  /** Default 202. */
  successStatus?: number;
  /** What senders are answered, rejections too; default `json`. */
  answerBody?: 'json' | 'empty';
  /** Whether the sender tries again what was refused. Default: as its scheme is known to do. */
  retries?: boolean;
  dedupe?: Dedupe;
  /** The provider makes the secret: none is made up at creation, and nothing is let in until the API brings it. */
  providerMakesSecret?: true;
  /** `oauth`: only an integration whose account an OAuth answer proved gets what comes to the application's address. */
  accountProof?: 'oauth';
  /** Above `HOLDFAST_BODY_LIMIT_BYTES`, for sources whose webhooks were verified within the hour. */
  bodyLimitBytes?: number;
};
