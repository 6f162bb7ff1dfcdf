import { loadClientConnectConfig } from '@temporalio/envconfig';
import { messageOf } from '../lib/errors';
import type { Environment, Settings } from './settings';

/** What Temporal's own variables and profiles name, as the `temporal` command reads them. */
export interface TemporalProfile {
  address: string | undefined;
  namespace: string | undefined;
}

export function temporalProfile(env: Environment, settings: Settings): TemporalProfile {
  const given = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]));
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({
      overrideEnvVars: Object.fromEntries(given),
    });
    const { address } = connectionOptions;
    if (address !== undefined && !/^\S+:\d{1,5}$/.test(address)) {
      settings.report('TEMPORAL_ADDRESS', 'this value is not understood', 'host:port');
    }
    return { address, namespace };
  } catch (error) {
    settings.report(
      'TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE',
      messageOf(error),
      "what Temporal's own command reads",
    );
    return { address: undefined, namespace: undefined };
  }
}
