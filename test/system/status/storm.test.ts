import { stormOf } from './storm';

test(
  'S52 940 webhooks to one integration whose token is dead, which the first of them finds out: one token call, no noise, all of them kept, and handled after the reconnect',
  stormOf(940),
  1_200_000,
);
