import type { RefreshErrorMeaning } from '../providers/provider';

/** As a provider's rule says it, or `unanswered`: transient, and the token may be rotated unseen. */
export type Verdict = RefreshErrorMeaning | 'unanswered';

interface Row {
  /** From and to, both included; absent: any. */
  statuses?: readonly [number, number];
  /** `unreadable` stands for an answer that says nothing of an error; absent: any. */
  errors?: readonly string[];
  verdict: Verdict;
}

/** Too slow, too early, too often: whatever else is said, another time is meant. */
export const passingStatuses: readonly number[] = [408, 425, 429];

/** The client is unknown, or fails to prove itself: never a word about one grant. */
export const clientFaults: readonly string[] = [
  'invalid_client',
  'incorrect_client_credentials',
  'invalid_client_id',
  'bad_client_secret',
];

/** Said of the application, and by some providers of one grant (Shopify, Atlassian, X). */
export const contestedFaults: readonly string[] = [
  'unauthorized_client',
  'invalid_request',
  'unsupported_grant_type',
];

/**
 * Which answer to a refresh means what, where the provider has no rule of its own; the first row
 * that fits counts. The codes of RFC 6749 section 5.2 and OpenID Connect Core section 3.1.2.6;
 * beside them GitHub's (docs.github.com, "Troubleshooting OAuth app access token request errors")
 * and Slack's (docs.slack.dev, `oauth.v2.access`), which come with status 200; Zoho's, Meta's and Strava's, of vendors
 * that are not built in. A code that nobody
 * knows is transient: only a definite word ends a grant.
 */
export const commonTable: readonly Row[] = [
  // A gateway that gave up waiting says nothing about what the server behind it did.
  { statuses: [504, 504], verdict: 'unanswered' },
  ...passingStatuses.map((status): Row => ({ statuses: [status, status], verdict: 'transient' })),
  { statuses: [500, 599], verdict: 'transient' },
  {
    errors: [
      'invalid_grant',
      'bad_refresh_token',
      'invalid_refresh_token',
      'invalid_code',
      'RefreshToken.refresh_token.invalid',
      'invalid_scope',
      'interaction_required',
      'consent_required',
      'login_required',
    ],
    verdict: 'dead',
  },
  // Meta's "access token has expired", of a Graph API error (developers.facebook.com, "Handling Errors").
  { statuses: [400, 401], errors: ['190'], verdict: 'dead' },
  { errors: [...clientFaults, ...contestedFaults], verdict: 'app' },
  // It worked, and what came of it can't be read.
  { statuses: [200, 299], errors: ['unreadable'], verdict: 'unanswered' },
  { verdict: 'transient' },
];
