// Every scenario of test/scenarios.md is in the title of a test, and every number that is named
// anywhere stands there. An argument is the folder to look at in place of this repository.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { filesUnder, root as repository } from './stamps.mjs';

const root = path.resolve(process.argv[2] ?? repository);
const list = 'test/scenarios.md';
const folders = ['test', 'src', 'workflows', 'activities'];
const textFile = /\.(ts|mts|cts|js|mjs|cjs|sql|md)$/;
// S256 is PKCE's method (RFC 7636 section 4.2).
const number = /\bS(?!256\b)\d+\b/g;

const files = folders
  .flatMap((folder) => filesUnder(folder, root))
  .filter((file) => textFile.test(file));
const listed = scenarios();
const known = new Set(listed);
const tests = files.filter((file) => file.startsWith('test') && file.endsWith('.test.ts'));
const inTitles = new Set(tests.flatMap(numbersInTitles));

const faults = [
  ...(known.size === 0 ? [`${list} has no scenario: each is a line "- S1 …".`] : []),
  ...listed
    .filter((name, at) => listed.indexOf(name) !== at)
    .map((name) => `${name} is twice in ${list}: give one of the two a number of its own.`),
  ...[...known]
    .filter((name) => !inTitles.has(name))
    .map((name) => `${name} is in no test title: put it in the title of a test that proves it.`),
  ...files.flatMap(unknownNumbers),
];

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
} else {
  console.log(`${known.size} scenarios, each in the title of a test`);
}

function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}

function scenarios() {
  if (!existsSync(path.join(root, list))) return [];
  return [...read(list).matchAll(/^- (S\d+) /gm)].map(([, name]) => name);
}

function numbersInTitles(file) {
  const found = [];
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest));
  return found;

  function visit(node) {
    if (ts.isCallExpression(node) && isTest(node.expression) && node.arguments.length > 0) {
      found.push(...literalsIn(node.arguments[0]).flatMap((text) => text.match(number) ?? []));
    }
    ts.forEachChild(node, visit);
  }
}

/** True for test, it.only, describe.each(rows) and the like; one that never runs proves nothing. */
function isTest(callee) {
  if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'each') return false;
  let node = callee;
  while (!ts.isIdentifier(node)) {
    if (ts.isPropertyAccessExpression(node)) {
      if (['skip', 'todo'].includes(node.name.text)) return false;
      node = node.expression;
    } else if (ts.isCallExpression(node)) node = node.expression;
    else if (ts.isTaggedTemplateExpression(node)) node = node.tag;
    else return false;
  }
  return ['test', 'it', 'describe'].includes(node.text);
}

/** The text of a title: a literal, a template without what is put in, or a sum of them. */
function literalsIn(title) {
  if (ts.isStringLiteralLike(title)) return [title.text];
  if (ts.isTemplateExpression(title)) {
    return [title.head.text, ...title.templateSpans.map((span) => span.literal.text)];
  }
  if (ts.isBinaryExpression(title)) return [title.left, title.right].flatMap(literalsIn);
  return [];
}

function unknownNumbers(file) {
  return read(file)
    .split('\n')
    .flatMap((line, at) =>
      [...new Set(line.match(number))]
        .filter((name) => !known.has(name))
        .map(
          (name) =>
            `${file}:${at + 1} names ${name}: write its line in ${list} or correct the number.`,
        ),
    );
}
