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
  /** The provider's label. */
  provider: string;
  status: IntegrationStatus;
  health: Health;
  since: Date;
  lastSuccessAt: Date | undefined;
  /** Labels of the accounts at the provider, or ids; as far as they are known. */
  accounts: readonly string[];
  /** What the provider has granted, in words as far as there are some. */
  permissions: readonly string[];
  /** It ends soon, whatever is done but connecting again. */
  ending: { at: Date; reconnectPath: string } | undefined;
  /** Why it doesn't work, or is off; undefined where it works. */
  cause: Cause | undefined;
  webhooks: KeptWebhooks;
  /** Where to connect again; undefined where people can't do it here. */
  reconnectPath: string | undefined;
  /** Newest first. */
  history: readonly Change[];
}

export interface KeptWebhooks {
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
