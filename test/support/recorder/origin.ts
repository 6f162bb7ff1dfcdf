import { channel } from 'node:diagnostics_channel';
import path from 'node:path';
import { originVariable } from './record';

// Jest gives each test file another `process`: the channel reaches the one outside.
const origin = path.relative(path.resolve(__dirname, '../../..'), expect.getState().testPath ?? '');
process.env[originVariable] = origin;
channel('holdfast.test.origin').publish(origin);
