import { Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';

/** The part of undici's parser that this is about; it hangs at each connection's socket. */
interface Parser {
  onHeadersComplete(status: number, upgrade: boolean, shouldKeepAlive: boolean): number;
}

/**
 * Connections on which any number of interim answers (RFC 9110 section 15.2) may come before the answer. undici
 * passes over all but the 100 that nobody asked for: at that one it drops the connection, and whoever sent the
 * request never learns that it was taken. So its parser is shown another interim status in its place.
 */
export function passingInterimAnswers(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) =>
    connect(target, (...result) => {
      callback(...result);
      const [, socket] = result;
      // It has come with an error alone where there is none, whatever its type says.
      const parser = socket instanceof Socket ? parserOf(socket) : undefined;
      if (parser === undefined) return;
      const headersComplete = parser.onHeadersComplete.bind(parser);
      parser.onHeadersComplete = (status, ...rest) =>
        headersComplete(status === 100 ? 102 : status, ...rest);
    });
}

/** undici's own, which has no name outside. Its version is pinned, and a test fails where it is not found. */
function parserOf(socket: Socket): Parser | undefined {
  const key = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'parser',
  );
  return key === undefined
    ? undefined
    : (socket as unknown as Record<symbol, Parser | undefined>)[key];
}

const connectTimeoutMs = 10_000;
let agent: Agent | undefined;

/** For requests to an address that is the operator's own word. One for the process, which it doesn't keep alive. */
export function sharedAgent(): Agent {
  agent ??= new Agent({
    connect: passingInterimAnswers(buildConnector({ timeout: connectTimeoutMs })),
  });
  return agent;
}
