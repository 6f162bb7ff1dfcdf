import { heartbeating } from './heartbeat';
import { createSendNotices, type NoticeDeps, type NoticesResult } from './notifications/deliver';

/** Sends a stream's notices, each attempt once; the workflow decides on another. */
export function createDeliverNotices(deps: NoticeDeps) {
  const sendNotices = createSendNotices(deps);
  return function deliverNotices({ stream }: { stream: string }): Promise<NoticesResult> {
    return heartbeating(() => sendNotices(stream));
  };
}
