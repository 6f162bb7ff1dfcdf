import type { SessionScope } from '../../db/queries/people/sessions';
import type { Health, IntegrationStatus, TransitionCode } from '../../../workflows/contract/status';

/** Why something is as it is, and through whom. */
export interface Cause {
  code: TransitionCode;
  by: string;
  /** The credential's name, where the connection has several. */
  credential: string | undefined;
  /** What the one who switched said, in their own words. */
  said: string | undefined;
}

export interface Change {
  /** Null at the beginning. */
  from: IntegrationStatus | null;
  to: IntegrationStatus;
  cause: Cause;
  at: Date;
}

/** One of a person's connections, as its page shows it. */
export interface ConnectionView {
  id: string;
  name: string;
  /** The name where it says more than the provider's label, or is needed to tell two connections apart. */
  nameBeside: string | undefined;
  /** The provider's label. */
  provider: string;
  /** An https address of the provider's logo, where it declares one. */
  logoUrl: string | undefined;
  status: IntegrationStatus;
  health: Health;
  since: Date;
  /** When the provider has last accepted its access. */
  lastSuccessAt: Date | undefined;
  /** When the newest of the updates that were handled has arrived. */
  lastUpdateAt: Date | undefined;
  /** Labels of the accounts at the provider, or ids; with ids where two labels are the same. As far as they are known. */
  accounts: readonly string[];
  /** What the provider has granted, in words as far as there are some. */
  permissions: readonly string[];
  /** What the provider is asked for when a person connects, in words as far as there are some. */
  asked: readonly string[];
  /** It ends soon, whatever is done but connecting again. */
  ending: { at: Date; reconnectPath: string } | undefined;
  /** Why it doesn't work, or is off; undefined where it works. */
  cause: Cause | undefined;
  /**
   * What waits is not taken where it goes to; undefined where it is, or nothing waits. `isUnanswering`: nobody answers
   * there, as against an answer that turns it down or a handler that throws.
   */
  failing: { since: Date; isUnanswering: boolean; nextAttemptAt: Date | undefined } | undefined;
  updates: KeptUpdates;
  /** Where to connect again; undefined where people can't do it here. */
  reconnectPath: string | undefined;
  /** Connecting again, as this person, switches it on where it is off. */
  reconnectSwitchesOn: boolean;
  /** Newest first. */
  history: readonly Change[];
}

export interface KeptUpdates {
  /** How many wait; counted up to a limit. */
  pending: number;
  /** There are more than were counted. */
  andMore: boolean;
  whenError: 'keep' | 'discard';
  whenDisabled: 'keep' | 'discard';
  /** Handled one after the other. */
  inOrder: boolean;
}

/** What keeps everything of a person's from being handled. */
export interface HoldView {
  by: 'user' | 'operator';
  reason: string | undefined;
  since: Date;
}

export interface ConnectionsView {
  /** Of the gateway; '' where it has its host to itself. */
  basePath: string;
  userId: string;
  /** Who is signed in. */
  person: string;
  /** What the session may do: no button is shown that it may not press. */
  scope: SessionScope;
  appName: string;
  /** Where in the application they came from; undefined where that is not known. */
  back: { href: string; label: string } | undefined;
  /** The one that counts first. */
  holds: readonly HoldView[];
  connections: readonly ConnectionView[];
  /** There are more than a page shows. */
  andMore: boolean;
}
