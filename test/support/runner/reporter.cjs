'use strict';
// After a run: the slowest files, and what those over 20 s waited for.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');
require('./load-typescript.cjs');
const { folderVariable } = require('../recorder/record.ts');
const timings = require('./timings.cjs');

const root = path.resolve(__dirname, '../../..');
const shown = 20;
const slowSeconds = 20;

module.exports = class SlowFiles {
  /** Jest hands over the options of its configuration. */
  constructor(_globalConfig, { keepTimings = false } = {}) {
    this.keepTimings = keepTimings;
    this.seconds = new Map();
  }

  onTestResult(test, { perfStats }) {
    this.seconds.set(path.relative(root, test.path), (perfStats.end - perfStats.start) / 1000);
  }

  onRunComplete() {
    const files = [...this.seconds].sort(([, one], [, other]) => other - one);
    if (files.length > 1) process.stderr.write(`${lines(files, readWaits()).join('\n')}\n`);
    if (this.keepTimings) timings.keep(this.seconds);
  }
};

function lines(files, waits) {
  const slow = files.filter(([, seconds], index) => index < shown || seconds > slowSeconds);
  return [
    `The slowest of ${files.length} files:`,
    ...slow.map(([file, seconds]) => {
      const why = seconds > slowSeconds ? `  ${waitsOf(waits.get(file) ?? new Map())}` : '';
      return `${seconds.toFixed(1).padStart(7)} s  ${file}${why}`;
    }),
  ];
}

/** @param {Map<string, number>} places where it waited, in milliseconds */
function waitsOf(places) {
  const longest = [...places].sort(([, one], [, other]) => other - one).slice(0, 3);
  if (longest.length === 0) return '(waited for no condition)';
  const list = longest.map(([at, ms]) => `${(ms / 1000).toFixed(1)} s at ${at}`);
  return `(waited ${list.join(', ')})`;
}

function readWaits() {
  const waits = new Map();
  const folder = process.env[folderVariable];
  if (folder === undefined || !existsSync(folder)) return waits;
  for (const name of readdirSync(folder).filter((one) => one.startsWith('waits~'))) {
    for (const line of readFileSync(path.join(folder, name), 'utf8').split('\n')) {
      if (line === '') continue;
      const { file, at, ms } = JSON.parse(line);
      const places = waits.get(file) ?? new Map();
      waits.set(file, places.set(at, (places.get(at) ?? 0) + ms));
    }
  }
  return waits;
}
