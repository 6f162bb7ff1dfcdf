import { createBox } from './banner-box.js';
import { element } from './banner-elements.js';
import { createLines, type Reconnected } from './banner-lines.js';
import { type BannerLine, type BannerModel, spokenModel } from './banner-model.js';
import { bannerStyle } from './banner-style.js';

interface Actions {
  /** Both return what went wrong, as a sentence; '' for nothing. */
  retry: () => Promise<string>;
  resume: () => Promise<string>;
  reconnect: (line: BannerLine) => Promise<Reconnected>;
}

/** Builds the banner in a shadow root. @returns shows a model */
export function createBannerView(
  root: ShadowRoot,
  { retry, resume, reconnect }: Actions,
): (model: BannerModel) => void {
  root.adoptedStyleSheets = [bannerStyle()];
  const announcer = createAnnouncer();
  const unknown = createBox('unknown', 'Trying…', retry);
  const pause = createBox('pause', 'Resuming…', resume);
  const lines = createLines(reconnect);
  const banner = element(
    'section',
    { class: 'banner', part: 'banner', 'aria-label': 'Your connections', tabindex: '-1' },
    unknown.node,
    pause.node,
    lines.node,
  );
  banner.hidden = true;
  // What the page itself put between the tags, for as long as nothing is known.
  const meanwhile = element('slot', {});
  root.replaceChildren(banner, meanwhile, ...announcer.nodes);
  let spoken = '';

  return (model) => {
    const held = root.activeElement;
    unknown.update(model.unknown);
    pause.update(model.pause);
    lines.update(model.lines);
    const sentence = spokenModel(model);
    banner.hidden = sentence === '';
    meanwhile.hidden = sentence !== '' || model.isWell;
    // What was clicked may be gone: the keyboard goes on from here and not from the top of the page.
    if (held !== null && root.activeElement !== held && !banner.hidden) banner.focus();
    if (sentence === spoken) return;
    if (sentence !== '') announcer.say(sentence, spoken === '');
    else if (model.isWell) announcer.say('All is well with your connections.', false);
    spoken = sentence;
  };
}

/** Says to screen readers what the banner shows; in the page all the time, since only changes are read out. */
interface Announcer {
  nodes: Node[];
  /**
   * @param urgent interrupts what is being read: for a banner that appears, not for each change of it
   */
  say: (sentence: string, urgent: boolean) => void;
}

/** Long enough to be read out; after it the sentence would only stand twice in the page. In ms. */
const staysMs = 8_000;

function createAnnouncer(): Announcer {
  const alert = element('div', { class: 'spoken', role: 'alert' });
  const status = element('div', { class: 'spoken', role: 'status' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    nodes: [alert, status],
    say: (sentence, urgent) => {
      clearTimeout(timer);
      alert.textContent = urgent ? sentence : '';
      status.textContent = urgent ? '' : sentence;
      timer = setTimeout(() => {
        alert.textContent = '';
        status.textContent = '';
      }, staysMs);
    },
  };
}
