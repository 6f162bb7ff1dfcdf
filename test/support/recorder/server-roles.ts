import type { Server } from 'node:http';

// Of the whole process: tests have module registries of their own.
const fastifyMark = Symbol.for('suite.fastify');
const providerMark = Symbol.for('suite.provider');

/** Gateways and playgrounds read along by a hook, which sees injected requests, too. */
export const markFastify = (server: Server): void => {
  Object.assign(server, { [fastifyMark]: true });
};
export const isFastify = (server: Server): boolean => fastifyMark in server;

/** Passes everything on to a gateway, which reads along itself. */
export const markProxy = (server: Server): void => markFastify(server);

/** A provider's API that has no token endpoint of its own; others are known by that. */
export const markProvider = (server: Server): void => {
  Object.assign(server, { [providerMark]: true });
};
export const isProvider = (server: Server): boolean => providerMark in server;
