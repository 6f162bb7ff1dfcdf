/** A key that seals secrets at rest; `key` has 32 bytes. */
export interface SealingKey {
  id: string;
  key: Buffer;
}

/** The settings of `contract.md`, parsed once, frozen and handed down. */
export interface Config {
  host: string;
  port: number;
  /** Without a slash at its end. */
  publicUrl: string;
  databaseUrl: string | undefined;
  /** Set where `TEMPORAL_ADDRESS` or a profile names a server. */
  temporalAddress: string | undefined;
  temporalNamespace: string | undefined;
  dataDir: string;
  postgresPort: number;
  temporalPort: number;
  temporalUiPort: number;
  apiKeys: readonly string[];
  /** The first seals, all open. */
  keys: readonly SealingKey[];
  configFile: string | undefined;
  hold: string | undefined;
  notifyUrl: string | undefined;
  /** Standard Webhooks secret (`whsec_…`). */
  notifySecret: string | undefined;
  notifySkipRecovered: boolean;
  bodyLimitBytes: number;
  rateLimitPerSecond: number;
  keepLimit: number;
  retentionDays: number;
  allowedOrigins: readonly string[];
  signInUrl: string | undefined;
  appName: string;
  privateDestinations: 'allow' | 'deny' | readonly string[];
  sweepSeconds: number;
  logLevel: string;
}
