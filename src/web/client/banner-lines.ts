import { element, icon, setText } from './banner-elements.js';
import { type BannerLine, shownAtFirst } from './banner-model.js';

/** What a click on Reconnect came to: nothing more to say, a sentence, or a link that has to be clicked itself. */
export type Reconnected =
  { kind: 'left' } | { kind: 'failed'; why: string } | { kind: 'link'; href: string };

interface LineView {
  node: HTMLLIElement;
  update: (line: BannerLine) => void;
}

interface LinesView {
  node: HTMLElement;
  update: (lines: BannerLine[]) => void;
}

/**
 * The amber box: two lines, and a button that unfolds the others. A connection's line stays the same element for as long
 * as it is broken, with its focus.
 */
export function createLines(reconnect: (line: BannerLine) => Promise<Reconnected>): LinesView {
  const list = element('ul', { role: 'list', id: 'lines' });
  const more = element('button', {
    ...{ class: 'more', part: 'more', type: 'button', 'aria-controls': 'lines' },
  });
  const node = element('div', { class: 'box broken', part: 'box broken' }, list, more);
  const views = new Map<string, LineView>();
  let isUnfolded = false;
  let shown: BannerLine[] = [];

  const fold = () => {
    const hidden = shown.length - shownAtFirst;
    more.hidden = hidden <= 0;
    more.setAttribute('aria-expanded', String(isUnfolded));
    setText(more, isUnfolded ? 'Show fewer' : `and ${hidden} more`);
    shown.forEach(({ key }, index) => {
      const view = views.get(key);
      if (view !== undefined) view.node.hidden = index >= shownAtFirst && !isUnfolded;
    });
  };
  more.addEventListener('click', () => {
    isUnfolded = !isUnfolded;
    fold();
  });
  return {
    node,
    update: (lines) => {
      node.hidden = lines.length === 0;
      for (const [key, view] of views) {
        if (lines.some((line) => line.key === key)) continue;
        view.node.remove();
        views.delete(key);
      }
      lines.forEach((line, index) => {
        const view = views.get(line.key) ?? createLine(reconnect);
        views.set(line.key, view);
        view.update(line);
        // Moving an element takes its focus away.
        if (list.children[index] !== view.node) {
          list.insertBefore(view.node, list.children[index] ?? null);
        }
      });
      shown = lines;
      fold();
    },
  };
}

function createLine(reconnect: (line: BannerLine) => Promise<Reconnected>): LineView {
  const title = element('p', { class: 'title', part: 'title' });
  const text = element('p', { part: 'text' });
  const fault = element('p', { class: 'fault', part: 'fault', role: 'status' });
  const label = element('span', {});
  const of = element('span', { class: 'spoken' });
  const button = element('button', { class: 'action', part: 'action', type: 'button' }, label, of);
  const words = element('div', { class: 'words' }, title, text, fault);
  const body = element('div', { class: 'body' }, words);
  const node = element('li', { class: 'line', part: 'line' }, icon('broken'), body);
  let current: BannerLine | null = null;
  let isBusy = false;

  const show = () => {
    setText(label, isBusy ? 'Opening…' : 'Reconnect');
    button.setAttribute('aria-disabled', String(isBusy));
  };
  button.addEventListener('click', () => {
    if (isBusy || current === null) return;
    isBusy = true;
    setText(fault, '');
    show();
    void reconnect(current).then((outcome) => {
      isBusy = false;
      show();
      if (outcome.kind === 'failed') setText(fault, outcome.why);
      if (outcome.kind === 'link') offer(outcome.href);
    });
  });
  /** A click that the browser sees as one on a link is let through where a page's own way isn't. */
  const offer = (href: string) => {
    const link = element('a', { href, target: '_blank', rel: 'noopener noreferrer' });
    setText(link, 'Open it in a new tab');
    fault.replaceChildren('This page may not lead away from here. ', link);
  };
  return {
    node,
    update: (line) => {
      current = line;
      setText(title, line.title);
      setText(text, line.text);
      setText(of, ` ${line.of}`);
      if (line.reconnectUrl === null) button.remove();
      else if (!button.isConnected) body.append(button);
      show();
    },
  };
}
