// A place for every line: no file and no folder grows out of sight, paths speak the project's words, the table of rooms in
// ARCHITECTURE.md is the tree, every path that a document names exists, and its links and pictures lead somewhere. An
// argument is the folder to look at in place of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { filesUnder, root as repository } from './stamps.mjs';

const root = path.resolve(process.argv[2] ?? repository);
const code = /\.(ts|mjs|cjs|js)$/;
const mostLines = 200;
const mostFiles = 20;
/** Lists: one file for each provider, scheme or part of a page. */
const lists = ['src/providers/built-in', 'src/webhooks/schemes', 'src/web/client'];
/** Words that the project had of its own, and what the field calls them. */
const words = {
  doorbell: 'inbox signal',
  episode: 'incident',
  episodes: 'incident',
  notice: 'notification',
  notices: 'notification',
  owed: 'due',
  refusal: 'rejection',
  refusals: 'rejection',
  seal: 'encrypt',
  sealed: 'encrypted',
  sealing: 'encryption',
};

const files = ['activities', 'bench', 'scripts', 'src', 'test', 'workflows']
  .flatMap((folder) => filesUnder(folder, root))
  .filter((file) => code.test(file));
const faults = [
  ...files.filter((file) => !file.startsWith('test/')).flatMap(tooLong),
  ...[...new Set(files.map((file) => path.dirname(file)))].flatMap(tooFull),
  ...files.flatMap(ownWords),
  ...roomFaults(),
  // What has been may be gone.
  ...documents()
    .filter((file) => file !== 'CHANGELOG.md')
    .flatMap(pathsThatAreNot),
  ...documents().flatMap(linksThatLeadNowhere),
];

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
} else {
  console.log(`${files.length} files of code, each in its place`);
}

function read(file) {
  const at = path.join(root, file);
  return existsSync(at) ? readFileSync(at, 'utf8') : '';
}

function tooLong(file) {
  const lines = read(file).split('\n').length - 1;
  return lines > mostLines ? [`${file} has ${lines} lines: divide it, at most ${mostLines}.`] : [];
}

function tooFull(folder) {
  const count = files.filter((file) => path.dirname(file) === folder).length;
  if (count <= mostFiles || lists.includes(folder)) return [];
  return [`${folder}/ has ${count} files of code: divide it by subject, at most ${mostFiles}.`];
}

function ownWords(file) {
  return file
    .split(/[^a-z]+/)
    .filter((word) => Object.hasOwn(words, word))
    .map((word) => `${file}: "${word}" is "${words[word]}" here.`);
}

/** The rows of the table of rooms against the folders that are rooms. */
function roomFaults() {
  const listed = [...read('ARCHITECTURE.md').matchAll(/^\| `([a-z/-]+)\/` \|/gm)].map(
    (row) => row[1],
  );
  const rooms = new Set(files.flatMap(roomOf));
  return [
    ...listed
      .filter((room, at) => !rooms.has(room) || listed.indexOf(room) !== at)
      .map((room) => `ARCHITECTURE.md: \`${room}/\` is no room, or stands there twice.`),
    ...[...rooms]
      .filter((room) => !listed.includes(room))
      .map((room) => `ARCHITECTURE.md: the table of rooms has no row \`${room}/\`.`),
  ];
}

/** Each folder directly in src, in the gateway, in activities and in workflows; the tests are one. */
function roomOf(file) {
  const [top, second, third] = path.dirname(file).split('/');
  if (top === 'test') return ['test'];
  if (!['workflows', 'activities', 'src'].includes(top)) return [];
  const room = second === undefined ? [] : [`${top}/${second}`];
  if (second === 'gateway' && third !== undefined) room.push(`src/gateway/${third}`);
  return top === 'workflows' ? ['workflows', ...room] : room;
}

function documents() {
  return ['.', 'docs', 'docs/explanation', 'docs/how-to', 'docs/reference']
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) =>
      readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)),
    )
    .filter((file) => file.endsWith('.md'));
}

function pathsThatAreNot(document) {
  const named = [
    ...read(document).matchAll(
      /`((?:activities|bench|docs|scripts|src|test|workflows)\/[^`\s]*)`/g,
    ),
  ];
  return named
    .map(([, name]) => name)
    .filter((name) => !/[*<{…]/.test(name) && !existsSync(path.join(root, name)))
    .map((name) => `${document}: there is no \`${name}\`.`);
}

/** Of files and headings here: other sites aren't asked. */
function linksThatLeadNowhere(document) {
  return [...withoutCode(read(document)).matchAll(/(?:\]\(| src=")([^)\s"]+)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(document, link))
    .map((link) => `${document}: the link \`${link}\` leads nowhere.`);
}

function leadsSomewhere(document, link) {
  const [file, heading] = link.split('#');
  const at = file === '' ? document : path.join(path.dirname(document), file);
  if (!existsSync(path.join(root, at))) return false;
  return heading === undefined || anchors(at).includes(heading);
}

/** As GitHub makes them of headings. */
function anchors(document) {
  return [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function withoutCode(text) {
  return text.replace(/^```[^]*?^```|`[^`\n]+`/gm, '');
}
