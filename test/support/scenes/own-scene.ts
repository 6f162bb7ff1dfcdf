import { type OwnTemporal, startOwnTemporal } from '../servers/own-temporal';
import { type Scene, type SceneOptions, startScene } from './scene';

/** A scene on a Temporal server of its own, which ends with it. */
export interface OwnScene extends Scene {
  server: OwnTemporal;
}

/** @param dynamicConfig `name=value`, of the server */
export async function startOwnScene(
  options: Omit<SceneOptions, 'temporal'> = {},
  dynamicConfig: readonly string[] = [],
): Promise<OwnScene> {
  const server = await startOwnTemporal(dynamicConfig);
  const scene = await startScene({ ...options, temporal: server });
  const close = async () => {
    await scene.close();
    await server.close();
  };
  return { ...scene, server, close };
}
