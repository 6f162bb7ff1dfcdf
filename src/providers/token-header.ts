/**
 * How a token is shown to the provider's API: as a bearer (RFC 6750 section 2.1), or bare in the
 * header that the provider declares.
 */
export function tokenHeader(declared: string | undefined, accessToken: string): [string, string] {
  return declared === undefined
    ? ['authorization', `Bearer ${accessToken}`]
    : [declared.toLowerCase(), accessToken];
}
