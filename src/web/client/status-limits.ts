/** For how long what is waited for while a status is followed. All in ms. */
export interface Patience {
  /** For how long an old state may stand once it is in doubt. */
  grace: number;
  /** For the first event of a stream, before the status is asked for beside it. */
  firstEvent: number;
  /** For an answer that is no stream. */
  answer: number;
  /** Without a heartbeat, which comes every 15 s. */
  silence: number;
  /** Between two questions where there is no stream. */
  poll: number;
  /** Before a stream is tried again that could not be had. */
  streamAgain: number;
  /** Before asking again where the answer was no. */
  refused: number;
}

export const patience: Patience = {
  grace: 3_000,
  firstEvent: 2_000,
  answer: 5_000,
  silence: 45_000,
  poll: 5_000,
  streamAgain: 60_000,
  refused: 60_000,
};
