import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const server = path.resolve(__dirname, '../../../examples/banner/server.mjs');

/** The example application that embeds the banner, in a process of its own. */
export interface ExampleShop {
  close(): Promise<void>;
}

interface ShopOptions {
  port: number;
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
      PORT: String(options.port),
      HOLDFAST_URL: options.gatewayUrl,
      HOLDFAST_PUBLIC_URL: options.publicUrl,
      HOLDFAST_API_KEY: options.apiKey,
      EXAMPLE_USER: options.userId,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  if (child.stdout === null) throw new Error('the shop has no output');
  const lines = createInterface(child.stdout);
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    exit.then(() => 'it ended'),
  ]);
  if (!first.includes(`:${options.port}`)) throw new Error(`the shop did not start: ${first}`);
  return {
    close: async () => {
      child.kill('SIGTERM');
      await exit;
    },
  };
}
