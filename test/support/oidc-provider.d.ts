/** The package ships no types: what the tests use of it. */
declare module 'oidc-provider' {
  import type { RequestListener, Server } from 'node:http';

  interface Context {
    path: string;
    status: number;
    body: unknown;
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    callback(): RequestListener;
    listen(port: number, host: string): Server;
  }
}
