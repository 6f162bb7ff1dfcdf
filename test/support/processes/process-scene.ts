import { createProcesses, type ProcessStarter } from './processes';
import { type Scene, type SceneOptions, startScene } from '../scenes/scene';

/** A scene whose workers are processes of their own, which a test starts, kills and stops. */
export interface ProcessScene extends Scene {
  processes: ProcessStarter;
}

export async function startProcessScene(options: SceneOptions = {}): Promise<ProcessScene> {
  const scene = await startScene({ ...options, withoutWorker: true });
  const processes = createProcesses(scene.system.config, { acme: scene.provider.declaration });
  return {
    ...scene,
    processes,
    close: async () => {
      await processes.close();
      await scene.close();
    },
  };
}
