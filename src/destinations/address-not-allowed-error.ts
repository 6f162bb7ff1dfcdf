import type { Objection } from './connection-rules';

const reasons: Record<Objection, (host: string) => string> = {
  not_public: (host) => `HOLDFAST_PRIVATE_DESTINATIONS does not allow what "${host}" leads to`,
  own_server: (host) =>
    `"${host}" leads to Postgres or Temporal of Holdfast itself, which nothing else connects to`,
};

/** An address that is not connected to. Nothing was sent to it. */
export class AddressNotAllowedError extends Error {
  override readonly name = 'AddressNotAllowedError';

  /** @param isLiteral the host itself says so; what a name leads to may be another address tomorrow */
  constructor(
    host: string,
    readonly objection: Objection,
    readonly isLiteral: boolean,
  ) {
    super(`address_refused; ${reasons[objection](host)}`);
  }
}
