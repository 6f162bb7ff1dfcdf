import { pino, type Logger } from 'pino';

export type { Logger };

/** Field names whose values never reach a log line, at the top or one level down. */
const secretFields = [
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'clientSecret',
  'client_secret',
  'authorization',
  'cookie',
  'secret',
  'webhookSecret',
  'token',
  'body',
];

/**
 * @param level a pino level (`info`), or `silent`
 * @param destination where lines go; standard output by default
 */
export function createLog(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        ...secretFields,
        ...secretFields.map((field) => `*.${field}`),
        'headers',
        '*.headers',
      ],
      censor: '[redacted]',
    },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
