import type { PersonStatus } from './person-status.js';

/** How far the handling of what was kept has come, as far as this page has seen. */
export interface Course {
  /** How many updates there are to handle in all; more, once others arrive behind them. */
  total: number;
  done: number;
  /** Seen working since the reconnect: only after that, "broken" means that it broke again. */
  hasWorked: boolean;
}

export interface ProgressView {
  /** In place of the page's own, where that isn't true any more. */
  heading?: string;
  sentence: string;
  /** Absent where nothing moves, or nobody knows. */
  bar?: { max: number; value: number; text: string };
  offersReconnect?: boolean;
  /** Nothing more is going to be shown. */
  isOver?: boolean;
  /** All is handled: there is nothing left to see here. */
  isDone?: boolean;
}

const number = new Intl.NumberFormat('en-GB');
const updates = (count: number) => (count === 1 ? '1 update' : `${number.format(count)} updates`);
const are = (count: number) => (count === 1 ? 'is' : 'are');

/** Pure: what a new status means for the one connection that this page is about. */
export function progressAt(
  course: Course,
  connection: string,
  { connectors, hold }: PersonStatus,
): { course: Course; view: ProgressView } {
  const connector = Object.hasOwn(connectors, connection) ? connectors[connection] : undefined;
  if (connector === undefined) {
    const heading = 'This connection was removed';
    return { course, view: { heading, sentence: 'Nothing of it is left.', isOver: true } };
  }
  const { status, pending } = connector;
  const kept = `${updates(pending)} that arrived meanwhile ${are(pending)} kept`;
  if (status === 'disabled') {
    const heading = 'This connection was switched off';
    return { course, view: { heading, sentence: 'No updates are being handled.' } };
  }
  if (status === 'needs_reauth') {
    if (!course.hasWorked) return moving(course, pending);
    const heading = 'The connection broke again';
    const sentence = `${kept} until it is reconnected.`;
    return { course, view: { heading, sentence, offersReconnect: true } };
  }
  const working = { ...course, hasWorked: true };
  if (pending === 0) {
    const sentence = 'All caught up. Nothing is waiting any more.';
    return {
      course: { ...working, done: course.total },
      view: { sentence, isOver: true, isDone: true },
    };
  }
  if (hold !== null) {
    const paused = hold.by === 'user' ? 'You have paused everything' : 'Everything is paused';
    const because = hold.reason === null ? '' : `: “${hold.reason}”`;
    const sentence = `${paused}${because}. ${kept}, and handled when the pause ends.`;
    return { course: working, view: { sentence } };
  }
  return moving(working, pending);
}

/** What arrives meanwhile makes the way longer, and never takes back what is done. */
function moving(course: Course, pending: number): { course: Course; view: ProgressView } {
  const total = Math.max(course.total, course.done + pending);
  const done = total - pending;
  const text = `${number.format(done)} of ${number.format(total)} done`;
  const sentence = `${updates(total)} that arrived meanwhile ${are(total)} being handled. You don’t have to wait for it.`;
  return {
    course: { ...course, total, done },
    view: { sentence, bar: { max: Math.max(1, total), value: done, text } },
  };
}

/** It was not seen working for a while: the actors may be away. */
export const slow: ProgressView = {
  sentence:
    'This takes longer than usual. It goes on by itself, and nothing that was kept is lost.',
};

export const unknown: ProgressView = {
  sentence: 'How far it is can’t be seen at the moment. It goes on all the same.',
};

export const signedOut: ProgressView = {
  sentence:
    'You are signed out here, so this page can’t show how far it is. It goes on all the same.',
  isOver: true,
};
