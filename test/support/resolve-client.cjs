/** Browsers want `./other.js` where the source is `other.ts`. */
module.exports = (request, options) =>
  /^\.\/.*\.js$/.test(request) && options.basedir.endsWith('/src/web/client')
    ? options.defaultResolver(request.replace(/\.js$/, '.ts'), options)
    : options.defaultResolver(request, options);
