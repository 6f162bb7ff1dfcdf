'use strict';
// The longest first, by timings that are committed: a clean checkout knows them too.
const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');
const { secondsOf } = require('./timings.cjs');

const root = path.resolve(__dirname, '../../..');

/** What is going to run, for the global set-up, which Jest doesn't tell. */
const chosen = [];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = [...tests].sort((one, other) => seconds(other) - seconds(one));
    chosen.splice(0, chosen.length, ...sorted.map((test) => test.path));
    return sorted;
  }
};
module.exports.chosen = chosen;

/** What is new may be long: it begins early. */
function seconds(test) {
  return secondsOf(path.relative(root, test.path)) ?? 60;
}
