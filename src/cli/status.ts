import { exitCodes, defineCommand, jsonOption } from './command';

export const status = defineCommand({
  summary: 'says what is broken, waits or is late, and what to do; 1 where something is wrong',
  options: jsonOption,
  notes: `Asks the gateway at HOLDFAST_URL (default http://localhost:<PORT>) with the key HOLDFAST_API_KEY (default what
".holdfast/api-key" holds). Ends with 0 where all is well, 1 where something is wrong, 3 where nothing answers, 4 where
the key is not taken.`,
  run: async ({ env, cwd }, { json }) => {
    const { createApiClient } = await import('./api-client.js');
    const { printJson } = await import('./output.js');
    const { faultsOf, overviewSchema } = await import('./status-faults.js');
    const { overviewText } = await import('./status-text.js');
    const { linksText, readLinks } = await import('./status-links.js');
    const client = createApiClient(env, cwd);
    const overview = await client.call(overviewSchema, 'GET', '/v1/status');
    if (json) printJson(process.stdout, overview);
    else {
      const links = linksText(overview, await readLinks(client, overview));
      process.stdout.write(overviewText(overview, client.url) + links);
    }
    return faultsOf(overview).length === 0 ? exitCodes.well : exitCodes.wrong;
  },
});
