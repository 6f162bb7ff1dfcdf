import { connect, createServer, type Socket } from 'node:net';

/** Passes everything on but streams of events: of those it waits for the end, as some proxies do. */
export async function startHoldingProxy(
  port: number,
  target: number,
): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(target, '127.0.0.1');
    let isHeld = false;
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      isHeld ||= /^content-type: text\/event-stream/im.test(bytes.toString('latin1'));
      if (!isHeld) socket.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
