export { credential } from './credential';
export { integration } from './integration';
export { notification } from './notification';
export { sweep } from './sweep';
