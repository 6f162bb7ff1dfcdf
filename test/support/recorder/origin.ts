import path from 'node:path';
import { originVariable } from './record';

process.env[originVariable] = path.relative(
  path.resolve(__dirname, '../../..'),
  expect.getState().testPath ?? '',
);
