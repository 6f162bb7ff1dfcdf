import type { HandlerLog } from './lib/log';

/** What a delivery has of its integration, as that is now. */
export interface OfIntegration {
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** What fills the placeholders of its provider's addresses. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One webhook as received, as a handler gets it. */
export interface Delivery extends OfIntegration {
  /** The same at every attempt: an idempotency key. */
  readonly id: string;
  readonly integrationId: string;
  readonly userId: string;
  readonly provider: string;
  readonly eventType: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as received. */
  readonly body: Buffer;
  /** @throws PermanentError where the body isn't JSON: another attempt would find the same */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unnecessary-type-parameters -- what a sender's JSON is, its handler knows alone
  json<T = any>(): T;
  readonly receivedAt: Date;
  /** From 1. */
  readonly attempt: number;
}

/** A credential as a handler may see it: never the tokens themselves. */
export interface CredentialInfo {
  name: string;
  version: number;
  accountId: string | null;
  expiresAt: Date | null;
}

export interface HandlerContext {
  /**
   * `fetch` with the credential's access token, to the provider's own origins only. A 401, or
   * what the provider declares beside it, makes it refresh once and try once more.
   * @throws Error where the origin isn't the provider's
   */
  fetch(input: string | URL, init?: RequestInit & { credential?: string }): Promise<Response>;
  /** @throws Error where the integration has no credential of that name */
  credential(name?: string): CredentialInfo;
  /** Aborts at the attempt's time limit. */
  readonly signal: AbortSignal;
  readonly log: HandlerLog;
}
