'use strict';
// How long each test file takes, in seconds, as committed: `npm test -- --keep-timings` writes it anew.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const file = path.join(__dirname, 'timings.json');
const timings = JSON.parse(readFileSync(file, 'utf8'));

/** @param {string} testFile from the checkout's root */
const secondsOf = (testFile) => timings[testFile];

/** @param {Map<string, number>} seconds of the files that ran; the others keep what they had */
function keep(seconds) {
  const all = { ...timings };
  for (const [name, value] of seconds) all[name] = Math.round(value * 10) / 10;
  const sorted = Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}

module.exports = { secondsOf, keep };
