import type { Config } from '../config';
import type { Logger } from '../lib/log';
import type { HoldfastConfiguration } from '../providers/provider';
import { startPlayground } from './playground/start';
import type { Releases } from './process/releases';

interface WithPlayground<C extends Config> {
  config: C;
  configuration: HoldfastConfiguration;
  url: string;
}

/** Starts the playground, and adds its provider and the way back to its page. */
export async function addPlayground<C extends Config>(
  config: C,
  configuration: HoldfastConfiguration,
  { log, releases }: { log: Logger; releases: Releases },
): Promise<WithPlayground<C>> {
  const { url, provider, close } = await startPlayground({
    host: '127.0.0.1',
    port: config.playgroundPort,
    holdfastUrl: config.publicUrl,
    apiKey: config.apiKeys[0] ?? '',
    dataDir: config.dataDir,
    log,
  });
  releases.add('the playground', close);
  return {
    config: Object.freeze({ ...config, allowedOrigins: [...config.allowedOrigins, url] }),
    // A provider of that name in the person's own file is theirs.
    configuration: {
      ...configuration,
      providers: { playground: provider, ...configuration.providers },
    },
    url,
  };
}
