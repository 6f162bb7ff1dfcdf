import { readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { createHoldfastApi } from '../playground/holdfast-api';
import { readState, stateFileName } from '../playground/state';
import { dataDirPaths } from '../data-dir';
import { createPlaygroundClient } from './playground-client';

/** Where a running Holdfast and its playground are. */
export interface Stack {
  holdfastUrl: string;
  playgroundUrl: string;
  apiKey: string;
}

/**
 * The stack that keeps its data in that folder.
 * @param apiKey default: the one in the folder
 * @throws Error where it doesn't answer
 */
export async function reachStack(
  holdfastUrl: string,
  dataDir: string,
  apiKey?: string,
): Promise<Stack> {
  const key = apiKey ?? readFileSync(dataDirPaths(dataDir).apiKey, 'utf8').trim();
  const state = readState(stateFileName(dataDir));
  if (state === undefined) throw new Error(`There is no playground in ${dataDir}.`);
  const stack = { holdfastUrl, playgroundUrl: state.url, apiKey: key };
  await createPlaygroundClient(stack.playgroundUrl, key).counts();
  await createHoldfastApi(holdfastUrl, key).call(anyList, 'GET', '/v1/integrations?limit=1');
  return stack;
}

const anyList = Type.Object({ items: Type.Array(Type.Unknown()) });
