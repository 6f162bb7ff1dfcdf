import { stormOf } from '../system/status/storm';

test(
  'S52 9400 webhooks to one integration whose token is dead, which the first of them finds out: one token call, no noise, all of them kept, and handled after the reconnect',
  stormOf(9_400),
  1_200_000,
);
