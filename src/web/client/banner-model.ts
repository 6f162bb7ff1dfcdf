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
  /** Which connection, as people know it. */
  of: string;
  title: string;
  text: string;
  /** Where it is reconnected by whom the gateway's cookie knows; null where a click can't mend it. */
  reconnectUrl: string | null;
}

/** The other lines unfold. */
export const shownAtFirst = 2;

/** From above to below. */
export interface BannerModel {
  /** It is known that there is nothing to show. */
  isWell: boolean;
  unknown: BannerBox | null;
  pause: BannerBox | null;
  lines: BannerLine[];
}

/**
 * @param isBrief every connection stands below, the broken ones first and each with its own Reconnect: more than two
 * of them are one line, that doesn't say the same once more
 */
export function bannerModel(state: BannerState, isBrief = false): BannerModel {
  const nothing = { isWell: false, unknown: null, pause: null, lines: [] };
  if (state.kind === 'waiting') return nothing;
  // What was known before is not shown any longer: it may be wrong.
  if (state.kind === 'unknown') return { ...nothing, unknown: unknownBox(state.why) };
  const { connectors, hold, isReadOnly = false } = state.status;
  const lines = Object.entries(connectors)
    .filter(([, connector]) => isBroken(connector))
    .map(([name, connector]) => brokenLine(name, connector))
    .sort(inOrder);
  return {
    isWell: hold === null && lines.length === 0,
    unknown: null,
    pause: hold === null ? null : pauseBox(hold, isReadOnly),
    lines: isBrief && lines.length > shownAtFirst ? [oneForAll(lines, connectors)] : lines,
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

function pauseBox({ by, reason }: Hold, isReadOnly: boolean): BannerBox {
  const said = reason === null || reason.trim() === '' ? {} : { reason };
  if (by === 'operator' || isReadOnly) {
    return {
      title:
        by === 'operator'
          ? 'Your connections are paused by the operator'
          : 'You paused your connections',
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

/** What a click mends first: it is not to be among those that have to be unfolded. Then as their titles are read. */
const inOrder = (one: BannerLine, other: BannerLine): number =>
  Number(one.reconnectUrl === null) - Number(other.reconnectUrl === null) ||
  one.of.localeCompare(other.of, 'en') ||
  (one.key < other.key ? -1 : 1);

/** As in `words/names.ts`, which browsers don't load. */
const bare = (text: string): string => text.toLocaleLowerCase('en').replace(/[^\p{L}\p{N}]/gu, '');

function brokenLine(
  name: string,
  { label = name, pending, ...connector }: ConnectorStatus,
): BannerLine {
  const isSame = bare(label) === bare(name);
  const of = isSame ? label : `${label} (${name})`;
  const reconnectUrl = webAddress(connector.reconnectUrl ?? '');
  return {
    ...{ key: name, of, reconnectUrl },
    title: `${of} has to be reconnected`,
    text: consequence(pending, reconnectUrl !== null),
  };
}

function oneForAll(lines: BannerLine[], connectors: PersonStatus['connectors']): BannerLine {
  const pending = lines.reduce((sum, { key }) => sum + (connectors[key]?.pending ?? 0), 0);
  return {
    ...{ key: '', of: '', reconnectUrl: null },
    title: `${lines.length} connections need reconnecting`,
    text: pending === 0 ? '' : `${waits(pending)} until then.`,
  };
}

const waits = (pending: number): string =>
  `${pending.toLocaleString('en')} ${pending === 1 ? 'update waits' : 'updates wait'}`;

function consequence(pending: number, canClick: boolean): string {
  const what = `${pending > 0 ? waits(pending) : 'Nothing is handled'} until it is reconnected.`;
  return canClick ? what : `${what} It needs new access data where it was set up.`;
}

/** An address that a click may lead to; `javascript:` is none. */
export function webAddress(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}

/** One sentence for who can't see the banner. */
export function spokenModel({ unknown, pause, lines }: BannerModel): string {
  const titles = [
    ...[unknown?.title, pause?.title],
    ...lines.slice(0, shownAtFirst).map((line) => line.title),
    lines.length > shownAtFirst ? `And ${lines.length - shownAtFirst} more` : undefined,
  ];
  return titles.filter((title) => title !== undefined).join('. ');
}
