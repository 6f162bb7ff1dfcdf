/** The package ships no types: what the tests use of it. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

  export interface Context {
    path: string;
    status: number;
    body: unknown;
    req: IncomingMessage;
    res: ServerResponse;
    oidc: {
      params?: Partial<Record<string, string>>;
      entities: { AccessToken?: { accountId: string; grantId: string } };
    };
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    use(middleware: (context: Context, next: () => Promise<void>) => Promise<void>): void;
    on(event: 'grant.revoked', hear: (context: Context, grantId: string) => void): void;
    callback(): RequestListener;
    listen(port: number, host: string): Server;
  }
}
