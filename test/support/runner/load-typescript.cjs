'use strict';
// Node loads the project's TypeScript by itself: each module once for a process, as in production, however
// many test files it runs. Compiled code is kept in node_modules/.cache by what it was made from.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const cacheDir = path.resolve(__dirname, '../../../node_modules/.cache/holdfast-test/swc');
const options = (source) => ({
  jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
  // Only `require` can load TypeScript, only `import` whatever a variable names.
  module: { type: 'commonjs', ignoreDynamic: !/\bimport\('\./.test(source) },
  sourceMaps: true,
  configFile: false,
  swcrc: false,
});
const salt = `${require('@swc/core/package.json').version} ${JSON.stringify(options(''))}`;

/** Source map files by source file, and whoever wants to know of those to come. */
const sourceMaps = new Map();
let follower = sourceMaps;

/** @param {string} filename @returns {string} JavaScript */
function compile(filename) {
  const source = readFileSync(filename, 'utf8');
  const key = createHash('sha256').update(`${salt}\0${filename}\0${source}`).digest('hex');
  const file = path.join(cacheDir, `${key}.js`);
  for (const maps of [sourceMaps, follower]) maps.set(filename, `${file}.map`);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const { code, map } = require('@swc/core').transformSync(source, {
      ...options(source),
      filename,
    });
    mkdirSync(cacheDir, { recursive: true });
    keep(`${file}.map`, map ?? '{}');
    keep(file, code);
    return code;
  }
}

/** Two processes may compile the same file at once. */
function keep(file, text) {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

Module._extensions['.ts'] = (module, filename) => module._compile(compile(filename), filename);

/** It says only where `import` finds it. */
const importedOnly = new Map(
  [['@octokit/webhooks-methods', '@octokit/webhooks-methods/dist-node/index.js']].map(
    ([name, file]) => [name, path.resolve(__dirname, '../../../node_modules', file)],
  ),
);

// Browsers want `./other.js` where the source is `other.ts`.
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  if (/^\.{1,2}\/.*\.js$/.test(request) && parent?.filename?.endsWith('.ts')) {
    const source = path.resolve(path.dirname(parent.filename), request.replace(/\.js$/, '.ts'));
    if (existsSync(source)) return source;
  }
  if (importedOnly.has(request)) return importedOnly.get(request);
  return resolve.call(this, request, parent, ...rest);
};

/** @param {Map<string, string>} maps gets what is known and, until another one is named, all that comes */
function tellSourceMaps(maps) {
  for (const [file, map] of sourceMaps) maps.set(file, map);
  follower = maps;
}

module.exports = { tellSourceMaps };
