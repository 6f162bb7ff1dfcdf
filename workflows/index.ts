export { credential } from './credential';
export { integration } from './integration';
export { notification } from './notification';
export { replay } from './replay';
export { sweep } from './sweep';
