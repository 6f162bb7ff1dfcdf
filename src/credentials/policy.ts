/** The times that say what a credential's failures mean; statements have them as parameters. Milliseconds. */

const minute = 60_000;

/** A streak of token rejections that nobody has added to for this long is over; a later one begins another. */
export const streakGapMs = 45 * minute;

/** Of a credential that has been failing for this long people are told. */
export const degradedNoticeMs = 15 * minute;

/** Refreshes of tokens that the API refused before their time are counted over this long. */
export const forcedWindowMs = 60 * minute;

/** Between two tries of a dead credential that an operator asks for, at least. */
export const trialPauseMs = minute;

/** For so long a trial goes on where the provider gives no answer, from when it was last asked for. */
export const trialMs = 60 * minute;

/** The pause between its tries grows up to this. */
export const longestTrialPauseMs = 5 * minute;

/** People are warned so long before the end of a grant that nothing but a consent moves. */
export const expiringWithinMs = 7 * 24 * 60 * minute;

/** A refresh token that is rejected in unknown words for so long after its access token's end is dead. */
export const rejectedTooLongMs = 24 * 60 * minute;
