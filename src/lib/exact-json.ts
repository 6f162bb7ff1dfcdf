/** A text, which may hold digits and is left alone, or a number. */
const textOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * `JSON.parse`, but whole numbers that a double can't hold exactly become texts of their digits: two accounts whose ids
 * are rounded would look like one. Decimals and what has an exponent stay numbers.
 *
 * @throws SyntaxError where it isn't JSON
 */
export function parseExact(text: string): unknown {
  const json: unknown = JSON.parse(text);
  if (!/\d{16}/.test(text)) return json;
  const exact = text.replaceAll(textOrNumber, (token) =>
    /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return exact === text ? json : JSON.parse(exact);
}
