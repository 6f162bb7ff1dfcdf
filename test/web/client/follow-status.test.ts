import type { ServerResponse } from 'node:http';
import { eventually } from '../../support/eventually';
import {
  answerStatus,
  eventOf,
  followScripted,
  open,
  refuse,
  type ScriptedStatus,
  statusOf,
} from './scripted-status';

describe('following a status', () => {
  let scripted: ScriptedStatus;
  let streams: ServerResponse[];

  const begin = async (...args: Parameters<typeof followScripted>) => {
    streams = [];
    scripted = await followScripted(...args);
  };
  const stream = (text: string) => (response: ServerResponse) => {
    streams.push(response);
    open(response, text);
  };
  const told = (...expected: string[]) =>
    eventually(() => expect(scripted.told).toEqual(expected), { everyMs: 5 });

  afterEach(() => scripted.close());

  it('tells the first status and each change', async () => {
    await begin({ stream: stream(eventOf(1)) }, { grace: 10_000 });
    await told('1');
    streams[0]?.write(eventOf(2));
    await told('1', '2');
    expect(scripted.requests[0]?.headers).toMatchObject({
      accept: 'text/event-stream',
      authorization: 'Bearer token-1',
    });
  });

  it('does not tell the same twice', async () => {
    await begin({ stream: stream(eventOf(1) + eventOf(1) + eventOf(2)) });
    await told('1', '2');
  });

  it('is unknown from the beginning where nobody answers, and known as soon as somebody does', async () => {
    await begin({});
    await told('unreachable');
    scripted.behave({ stream: stream(eventOf(1)) });
    scripted.follower.retry();
    await told('unreachable', '1');
  });

  it('tells nothing of a stream that is taken up again soon', async () => {
    await begin({ stream: stream(eventOf(1)) }, { grace: 5_000 });
    await told('1');
    scripted.behave({ stream: stream(eventOf(2)) });
    streams[0]?.end();
    await told('1', '2');
  });

  it('is unknown once a stream has ended and is not there again', async () => {
    await begin({ stream: stream(eventOf(1)) });
    await told('1');
    scripted.behave({ stream: refuse(503) });
    streams[0]?.destroy();
    await told('1', 'unreachable');
  });

  it('tells the same again once it was unknown in between', async () => {
    await begin({ stream: stream(eventOf(1)) });
    await told('1');
    scripted.behave({ stream: refuse(503) });
    streams[0]?.destroy();
    await told('1', 'unreachable');
    scripted.behave({ stream: stream(eventOf(1)) });
    scripted.follower.retry();
    await told('1', 'unreachable', '1');
  });

  it('takes a stream without heartbeats for broken, and asks instead', async () => {
    await begin(
      { stream: stream(eventOf(1)), status: (response) => answerStatus(response, 2) },
      { silence: 300, grace: 5_000 },
    );
    await told('1', '2');
    expect(scripted.asked.slice(0, 2)).toEqual(['stream', 'status']);
  });

  it('follows for as long as heartbeats come', async () => {
    await begin({ stream: stream(eventOf(1)) }, { silence: 500 });
    await told('1');
    for (let beat = 0; beat < 40; beat++) {
      streams[0]?.write(':\n\n');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(scripted.asked).toEqual(['stream']);
    expect(scripted.told).toEqual(['1']);
  });

  it('asks every few seconds where a proxy holds the stream back, and tries it again later', async () => {
    const status = (response: ServerResponse) => answerStatus(response, 1);
    await begin({ stream: () => undefined, status }, { streamAgain: 500, grace: 5_000 });
    await told('1');
    scripted.behave({ status: (response) => answerStatus(response, 2) });
    await told('1', '2');
    scripted.behave({ stream: stream(eventOf(3)) });
    await told('1', '2', '3');
    expect(scripted.asked[0]).toBe('stream');
    expect(scripted.asked.at(-1)).toBe('stream');
    expect(scripted.asked.slice(1, -1)).not.toContain('stream');
  });

  it.each([
    ['a stream too many', refuse(429)],
    [
      'a stream that came as something else',
      (response: ServerResponse) => answerStatus(response, 9),
    ],
  ])('asks instead of %s', async (_what, answer) => {
    await begin({ stream: answer, status: (response) => answerStatus(response, 1) });
    await told('1');
  });

  it('is unknown where the status is asked for and the answer is late', async () => {
    await begin({ stream: refuse(429), status: (response) => answerStatus(response, 1) });
    await told('1');
    scripted.behave({ status: () => undefined });
    await told('1', 'unreachable');
  });

  it.each([
    ['a page of a proxy', '<!doctype html><title>Sign in</title>'],
    ['half of a status', '{"userId":"ada"}'],
    ['an unknown state', JSON.stringify(statusOf(1)).replace('connected', 'fine')],
  ])('takes %s for no status', async (_what, text) => {
    await begin({
      stream: stream(`event: status\ndata: ${text}\n\n`),
      status: (response) => response.end(text),
    });
    await told('unreachable');
  });

  it('refuses to tell about somebody else', async () => {
    await begin({
      stream: stream(`event: status\ndata: ${JSON.stringify(statusOf(1, 'bob'))}\n\n`),
    });
    await told('refused');
  });

  it('says at once that the answer is no', async () => {
    await begin({ stream: refuse(403) }, { grace: 60_000 });
    await told('refused');
  });

  it('asks for another token, once, and goes on with it', async () => {
    await begin({ stream: refuse(401) }, { grace: 5_000 });
    await told('expired');
    scripted.behave({ stream: stream(eventOf(1)) });
    scripted.setToken('token-2');
    scripted.follower.retry();
    await told('expired', '1');
    expect(scripted.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  it('does not show for long what a session knew that is over', async () => {
    await begin({ stream: stream(eventOf(1)) }, { grace: 2_000 });
    await told('1');
    scripted.behave({ stream: refuse(401) });
    streams[0]?.end();
    await told('1', 'expired', 'refused');
  });

  it('carries the token to no other place', async () => {
    const elsewhere: string[] = [];
    await begin({
      stream: (response, request) => {
        elsewhere.push(String(request.url));
        response.writeHead(302, { location: '/elsewhere/events' }).end();
      },
    });
    await told('unreachable');
    expect(elsewhere).not.toContain('/elsewhere/events');
  });

  it('lets go of its connection while nobody looks, and asks anew when somebody does', async () => {
    await begin({ stream: stream(eventOf(1)) }, { grace: 5_000 });
    await told('1');
    const closed = new Promise((resolve) => streams[0]?.once('close', resolve));
    scripted.follower.sleep();
    await closed;
    scripted.behave({ stream: stream(eventOf(2)) });
    expect(scripted.asked).toEqual(['stream']);
    scripted.follower.wake();
    await told('1', '2');
  });

  it('keeps a stream that is alive when the page is shown', async () => {
    await begin({ stream: stream(eventOf(1)) });
    await told('1');
    scripted.follower.wake();
    streams[0]?.write(eventOf(2));
    await told('1', '2');
    expect(scripted.asked).toEqual(['stream']);
  });

  it('tells and asks nothing any more when it is stopped', async () => {
    await begin({ stream: stream(eventOf(1)) });
    await told('1');
    const closed = new Promise((resolve) => streams[0]?.once('close', resolve));
    scripted.follower.stop();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(scripted.told).toEqual(['1']);
    expect(scripted.asked).toEqual(['stream']);
  });
});
