import type { buildConnector, Dispatcher } from 'undici';

declare const guarded: unique symbol;

/**
 * A connector that looks at where it connects to. Made in `src/destinations` alone: a type that nothing else has, so that
 * no request to an address that somebody else can choose is made past it.
 */
export type GuardedConnector = buildConnector.connector & { readonly [guarded]: true };

/** Kept connections of such connectors. */
export type GuardedDispatcher = Dispatcher & { readonly [guarded]: true };

/** How requests to somebody's servers leave: each on a connection of its own, or on kept ones. */
export interface Outgoing {
  connect: GuardedConnector;
  dispatcher: GuardedDispatcher;
}
