import { element, icon, setText } from './banner-elements.js';
import type { BannerLine } from './banner-model.js';

interface LineView {
  node: HTMLLIElement;
  update: (line: BannerLine) => void;
}

/** The amber box. A connection's line stays the same element for as long as it is broken, with its focus. */
export function createLines(): { node: HTMLElement; update: (lines: BannerLine[]) => void } {
  const list = element('ul', { role: 'list' });
  const node = element('div', { class: 'box broken', part: 'box broken' }, list);
  const views = new Map<string, LineView>();
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
        const view = views.get(line.key) ?? createLine();
        views.set(line.key, view);
        view.update(line);
        // Moving an element takes its focus away.
        if (list.children[index] !== view.node) {
          list.insertBefore(view.node, list.children[index] ?? null);
        }
      });
    },
  };
}

function createLine(): LineView {
  const title = element('p', { class: 'title', part: 'title' });
  const text = element('p', { part: 'text' });
  const label = element('span', {});
  const of = element('span', { class: 'spoken' });
  // In this tab, whatever the page's <base> says.
  const link = element('a', { class: 'action', part: 'action', target: '_self' }, label, of);
  const words = element('div', { class: 'words' }, title, text);
  const body = element('div', { class: 'body' }, words);
  const node = element('li', { class: 'line', part: 'line' }, icon('broken'), body);
  return {
    node,
    update: (line) => {
      setText(title, line.title);
      setText(text, line.text);
      if (line.link === undefined) {
        link.remove();
        return;
      }
      setText(label, line.link.label);
      setText(of, ` ${line.link.of}`);
      if (link.href !== line.link.href) link.href = line.link.href;
      if (!link.isConnected) body.append(link);
    },
  };
}
