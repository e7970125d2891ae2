// Loads a snippet's files: scripts that require each other, and modules, which the host has wrapped into functions of the same shape. The same for node and for
// QuickJS: a function of the runner's tools, taken before the program runs.
(function (tools) {
  'use strict';
  const { apply, ownKeys, defineProperty, has, lastIndexOf, slice, split, text, then, parseJson, ErrorType, SyntaxErrorType, fileOf, make, builtin, isMain, pathOf, urlOf, directory } = tools;
  const loaded = { __proto__: null };

  function resolve(specifier, base) {
    let path = specifier;
    if (path[0] === '.') {
      const parts = [];
      const directory = lastIndexOf(base, '/') < 0 ? '' : slice(base, 0, lastIndexOf(base, '/'));
      const steps = split(directory + '/' + path, '/');
      for (let i = 0; i < steps.length; i++) {
        if (steps[i] === '..') parts.length = parts.length > 0 ? parts.length - 1 : 0;
        else if (steps[i] !== '.' && steps[i] !== '') parts[parts.length] = steps[i];
      }
      path = '';
      for (let i = 0; i < parts.length; i++) path += (i ? '/' : '') + parts[i];
    }
    const endings = ['', '.js', '.mjs', '.cjs', '.json', '/index.js'];
    for (let i = 0; i < endings.length; i++) if (fileOf(path + endings[i]) !== undefined) return path + endings[i];
    return null;
  }
  function requireFrom(base) {
    const own = (specifier) => {
      specifier = text(specifier);
      const name = resolve(specifier, base);
      if (name === null) {
        if (specifier[0] !== '.') return builtin(specifier);
        const error = new ErrorType("Cannot find module '" + specifier + "'");
        error.code = 'MODULE_NOT_FOUND';
        throw error;
      }
      if (slice(name, -5) === '.json') return parseJson(fileOf(name).text);
      const record = start(name);
      if (record.error) throw record.error.value;
      if (record.pending && !record.done) {
        const error = new ErrorType("require() of '" + specifier + "', which awaits at top level and has not ended");
        error.code = 'ERR_REQUIRE_ASYNC_MODULE';
        throw error;
      }
      return record.module.exports;
    };
    own.resolve = (specifier) => {
      const name = resolve(text(specifier), base);
      return name === null ? specifier : pathOf(name);
    };
    own.cache = {};
    return own;
  }
  function namespaceOf(specifier, base) {
    const name = resolve(specifier, base);
    if (name !== null && slice(name, -5) !== '.json') {
      const record = start(name);
      const finished = () => record.isModule ? record.module.exports : interop(record.module.exports);
      if (record.error) throw record.error.value;
      return record.pending && !record.done ? then(record.pending, finished) : finished();
    }
    return interop(requireFrom(base)(specifier));
  }
  function interop(value) {
    const space = { __proto__: null };
    if (value !== null && (typeof value === 'object' || typeof value === 'function')) {
      for (const name of ownKeys(value)) {
        if (typeof name === 'string' && name !== 'default' && !(typeof value === 'function' && (name === 'prototype' || name === 'length' || name === 'name' || name === 'arguments' || name === 'caller'))) {
          defineProperty(space, name, { enumerable: true, get: () => value[name] });
        }
      }
    }
    space.default = value;
    return space;
  }

  // Starts a file once; the record tells what it exports, whether it still awaits, and how it failed.
  function start(name) {
    if (loaded[name]) return loaded[name];
    const file = fileOf(name);
    const record = { module: { exports: {}, id: name, filename: pathOf(name), loaded: false, children: [], paths: [] }, done: false, pending: null, error: null, names: {}, isModule: file.isModule };
    loaded[name] = record;
    const module = record.module;
    if (file.isModule) module.exports = { __proto__: null };
    const require = requireFrom(name);
    require.main = isMain(name) ? module : undefined;
    const helper = {
      names: (getters) => { record.names = getters; },
      exports: (getters) => { for (const each of ownKeys(getters)) defineProperty(module.exports, each, { enumerable: true, configurable: true, get: getters[each] }); },
      all: (space) => { for (const each of ownKeys(space)) if (each !== 'default' && !has(module.exports, each)) defineProperty(module.exports, each, { enumerable: true, configurable: true, get: () => space[each] }); },
      load: (specifier) => namespaceOf(specifier, name),
      pick: (space, each) => {
        if (!(each in space)) throw new SyntaxErrorType("The requested module does not provide an export named '" + each + "'");
        return space[each];
      },
      dynamic: async (specifier) => namespaceOf(text(specifier), name),
      meta: { url: urlOf(name), filename: pathOf(name), dirname: directory },
      defaultValue: undefined,
    };
    const finish = () => {
      record.done = module.loaded = true;
      // A script that exports nothing gives its public names, so that tests can require it.
      if (!file.isModule && module.exports !== null && typeof module.exports === 'object' && ownKeys(module.exports).length === 0) {
        for (const each of ownKeys(record.names)) defineProperty(module.exports, each, { enumerable: true, configurable: true, get: () => record.names[each]() });
      }
    };
    try {
      const run = make(file, name)(module.exports, require, module, pathOf(name), directory, helper);
      const result = apply(run, file.isModule ? undefined : module.exports, []);
      if (file.isModule) record.pending = then(result, finish, (value) => { record.done = true; record.error = { value }; throw value; });
      else finish();
    } catch (value) {
      record.done = true;
      record.error = { value };
      throw value;
    }
    return record;
  }
  return { start, loaded };
})
