import type { Server } from 'node:http';

// Of the whole process: tests have module registries of their own.
const gateway = Symbol.for('holdfast.test.gateway');
const provider = Symbol.for('holdfast.test.provider');

const has = (server: Server, role: symbol) => role in server;

/** Tokens may be sent there: applications store them through the gateway. */
export const markGateway = (server: Server): void => {
  Object.assign(server, { [gateway]: true });
};
export const isGateway = (server: Server): boolean => has(server, gateway);

/** A provider's API that has no token endpoint of its own; others are known by that. */
export const markProvider = (server: Server): void => {
  Object.assign(server, { [provider]: true });
};
export const isProvider = (server: Server): boolean => has(server, provider);
