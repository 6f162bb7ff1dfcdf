/**
 * Foreign text as it may be stored and shown: Postgres refuses a NUL (22021) and JSON a lone
 * surrogate (22P02), and a row that is refused would be a webhook that is lost.
 * @param maxLength in UTF-16 code units; what is beyond is cut off
 */
export function storedText(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/\p{Surrogate}|\0/gu, '\uFFFD');
}
