/** One line of the doctor's. */
export interface Finding {
  well: boolean;
  text: string;
  /** Nothing is wrong; somebody should know it all the same. */
  warns?: true;
}

export const well = (text: string): Finding => ({ well: true, text });
export const warning = (text: string): Finding => ({ well: true, warns: true, text });
export const wrong = (text: string): Finding => ({ well: false, text });

/** How long anything may take to answer, in milliseconds. */
export const answerLimitMs = 3_000;
