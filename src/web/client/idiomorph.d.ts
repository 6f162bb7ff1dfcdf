/** Served beside the client's own modules: a bare name would need an import map, which is an inline script. */
export { Idiomorph } from 'idiomorph';
