import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const server = path.resolve(__dirname, '../../../examples/banner/server.mjs');

/** The example application that embeds the banner, in a process of its own. */
export interface ExampleShop {
  port: number;
  close(): Promise<void>;
}

interface ShopOptions {
  /** Default: one that the system gives. */
  port?: number;
  /** How the shop's server reaches the gateway, and how browsers do. */
  gatewayUrl: string;
  publicUrl: string;
  apiKey: string;
  /** Who is signed in there. */
  userId: string;
}

export async function startExampleShop(options: ShopOptions): Promise<ExampleShop> {
  const child: ChildProcess = spawn(process.execPath, [server], {
    env: {
      PORT: String(options.port ?? 0),
      HOLDFAST_URL: options.gatewayUrl,
      HOLDFAST_PUBLIC_URL: options.publicUrl,
      HOLDFAST_API_KEY: options.apiKey,
      EXAMPLE_USER: options.userId,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit');
  if (child.stdout === null || child.stderr === null) throw new Error('the shop has no output');
  const errors: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    errors.push(line);
    console.error(line);
  });
  const first = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    exit.then(([code, signal]) => `it ended with ${code ?? signal}: ${errors.join('\n')}`),
  ]);
  const port = Number(/^The shop is at http:\/\/localhost:(\d+)$/.exec(first)?.[1]);
  if (Number.isNaN(port)) throw new Error(`the shop did not start: ${first}`);
  return {
    port,
    close: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
