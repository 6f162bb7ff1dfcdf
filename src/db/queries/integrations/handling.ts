/** An integration's `Handling`, as JSON. @param row the SQL name of the integration's row */
export const handlingSql = (row: string): string =>
  `json_build_object('order', ${row}.handling_order, 'concurrency', ${row}.handling_concurrency,
     'maxAttempts', ${row}.max_attempts, 'giveUpAfterSeconds', ${row}.give_up_after_seconds)`;
