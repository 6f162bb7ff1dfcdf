import { testStorm } from './storm';

testStorm(940);
