/** Which hold is shown where several stand: what only an operator can lift comes before a person's own. */
export const holdOrderSql = `by = 'operator' DESC, user_id = '' DESC, source = 'api' DESC`;
