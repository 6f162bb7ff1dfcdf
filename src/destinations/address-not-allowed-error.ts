/** The destination is at an address that webhooks are not forwarded to. Nothing was sent to it. */
export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';

  /** @param isLiteral the host is that address itself; what a name leads to may be another one tomorrow */
  constructor(
    host: string,
    readonly isLiteral: boolean,
  ) {
    super(`address_refused; HOLDFAST_PRIVATE_DESTINATIONS does not allow what "${host}" leads to`);
  }
}
