import { testStorm } from '../system/storm';

testStorm(9_400);
