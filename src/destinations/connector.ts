import type { buildConnector } from 'undici';
import { literalAddresses } from './literal-host';
import type { Reachable } from './is-reachable';
import { RefusedAddressError } from './address-not-allowed-error';

type Connector = buildConnector.connector;

/**
 * Refuses a host that is itself an address, which no lookup sees, before anything is attempted; and looks at
 * where each connection has really ended before a byte goes out, the first of TLS included.
 */
export function guardedConnector(isReachable: Reachable, connect: Connector): Connector {
  return (target, callback) => {
    const { hostname, protocol } = target;
    const isTls = protocol === 'https:';
    const literal = literalAddresses(hostname);
    if (literal !== undefined && !literal.some(isReachable)) {
      // undici has to be done with asking before it is answered.
      queueMicrotask(() => callback(new RefusedAddressError(hostname, true), null));
      return;
    }
    const port = target.port === '' ? (isTls ? '443' : '80') : target.port;
    connect({ ...target, port, protocol: 'http:' }, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
      } else if (!isReachable(socket.remoteAddress ?? '')) {
        socket.destroy();
        callback(new RefusedAddressError(hostname, false), null);
      } else if (isTls) {
        connect({ ...target, port, httpSocket: socket }, callback);
      } else {
        callback(null, socket);
      }
    });
  };
}
