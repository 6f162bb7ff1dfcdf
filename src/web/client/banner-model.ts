import type { ConnectorStatus, Hold, PersonStatus } from './person-status.js';

/** What a banner knows: nothing yet is nothing to show. */
export type BannerState =
  | { kind: 'waiting' }
  | { kind: 'known'; status: PersonStatus }
  | { kind: 'unknown'; why: 'unreachable' | 'refused' | 'misconfigured' };

/** One box of a banner, in words. */
export interface BannerBox {
  title: string;
  text: string;
  /** The words of the person who paused. */
  reason?: string;
  /** What its button says. */
  button?: string;
}

/** A broken connection. */
export interface BannerLine {
  /** The connection's name: its line stays the same line. */
  key: string;
  title: string;
  text: string;
  link?: { label: string; of: string; href: string };
}

/** From above to below. */
export interface BannerModel {
  /** It is known that there is nothing to show. */
  isWell: boolean;
  unknown: BannerBox | null;
  pause: BannerBox | null;
  lines: BannerLine[];
}

export function bannerModel(state: BannerState): BannerModel {
  const nothing = { isWell: false, unknown: null, pause: null, lines: [] };
  if (state.kind === 'waiting') return nothing;
  // What was known before is not shown any longer: it may be wrong.
  if (state.kind === 'unknown') return { ...nothing, unknown: unknownBox(state.why) };
  const { connectors, hold } = state.status;
  const lines = Object.entries(connectors)
    .filter(([, connector]) => isBroken(connector))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, connector]) => brokenLine(name, connector));
  return {
    isWell: hold === null && lines.length === 0,
    unknown: null,
    pause: hold === null ? null : pauseBox(hold),
    lines,
  };
}

function unknownBox(why: 'unreachable' | 'refused' | 'misconfigured'): BannerBox {
  const title = 'The state of your connections is unknown';
  switch (why) {
    case 'unreachable':
      return {
        title,
        text: 'It can’t be read at the moment. This keeps trying by itself.',
        button: 'Try again',
      };
    case 'refused':
      return {
        title,
        text: 'You may have been signed out. Try again, or load this page anew.',
        button: 'Try again',
      };
    case 'misconfigured':
      return { title, text: 'This page is not set up to show it. Its makers have to mend that.' };
  }
}

function pauseBox({ by, reason }: Hold): BannerBox {
  const said = reason === null || reason.trim() === '' ? {} : { reason };
  if (by === 'operator') {
    return {
      title: 'Your connections are paused by the operator',
      text: 'What arrives meanwhile is kept, and handled when the pause is over.',
      ...said,
    };
  }
  return {
    title: 'You paused your connections',
    text: 'What arrives meanwhile is kept, and handled when you resume.',
    button: 'Resume',
    ...said,
  };
}

/** What was never connected is nothing that broke: its page offers it. */
const isBroken = ({ status, errorCode }: ConnectorStatus): boolean =>
  status === 'needs_reauth' && errorCode !== 'not_connected';

function brokenLine(name: string, { label, pending, reconnectUrl }: ConnectorStatus): BannerLine {
  const of = label === undefined || label === name ? name : `${label} (${name})`;
  const href = reconnectUrl === null ? null : webAddress(reconnectUrl);
  return {
    key: name,
    title: `${of} has to be reconnected`,
    text: consequence(pending, href !== null),
    ...(href === null ? {} : { link: { label: 'Reconnect', of, href } }),
  };
}

function consequence(pending: number, canClick: boolean): string {
  const kept = `${pending.toLocaleString('en')} ${pending === 1 ? 'webhook waits' : 'webhooks wait'}`;
  const what =
    pending > 0
      ? `${kept} until it is reconnected.`
      : 'Nothing is handled until it is reconnected.';
  return canClick ? what : `${what} It needs new access data where it was set up.`;
}

/** An address that a click may lead to; `javascript:` is none. */
function webAddress(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}

/** One sentence for who can't see the banner. */
export function spokenModel({ unknown, pause, lines }: BannerModel): string {
  const titles = [unknown?.title, pause?.title, ...lines.map((line) => line.title)];
  return titles.filter((title) => title !== undefined).join('. ');
}
