import {
  type Course,
  progressAt,
  type ProgressView,
  signedOut,
  slow,
  unknown,
} from './progress-view.js';
import { followStatus } from './status-stream.js';

/** How long a connection may take to be seen working before the page says so; in ms. */
const usualMs = 20_000;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no ${id}.`);
  return found;
}

function start(): void {
  const { base = '/', user = '', connection = '', kept, left } = element('progress').dataset;
  let course: Course = {
    total: Number(kept),
    done: Number(kept) - Number(left),
    hasWorked: false,
  };
  const following = followStatus({
    baseUrl: base,
    userId: user,
    onStatus: (status) => {
      const next = progressAt(course, connection, status);
      course = next.course;
      show(next.view);
    },
    onUnknown: () => show(unknown),
    onTokenExpired: () => show(signedOut),
  });
  const late = setTimeout(() => {
    if (!course.hasWorked) show(slow);
  }, usualMs);

  function show(view: ProgressView): void {
    render(view);
    if (view.isOver !== true) return;
    clearTimeout(late);
    following.stop();
  }
}

/** What the page said first. */
const connected = document.title;

function render({ heading, sentence, bar, offersReconnect = false }: ProgressView): void {
  say(element('progress-sentence'), sentence);
  document.title = heading ?? connected;
  const title = document.querySelector('h1');
  if (title !== null) say(title, heading ?? connected);
  element('progress-reconnect').hidden = !offersReconnect;
  document.querySelector('.actions .main')?.classList.toggle('plain', offersReconnect);
  element('progress-bar').hidden = bar === undefined;
  const progress = document.querySelector('progress');
  if (bar === undefined || progress === null) return;
  progress.max = bar.max;
  progress.value = bar.value;
  element('progress-count').textContent = bar.text;
}

/** The same words once more would be read out once more. */
function say(line: Element, text: string): void {
  if (line.textContent !== text) line.textContent = text;
}

start();
