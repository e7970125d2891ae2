// console, as in node: text and what inspect shows, on the two streams.
(function (engine) {
  'use strict';
  const { process, inspect, formatWith, defineProperty, uncurry } = engine;
  const keysOf = Object.keys, isArray = Array.isArray, text = String, repeat = uncurry(''.repeat), replace = uncurry(''.replace), fixed = uncurry((0).toFixed), includes = uncurry(''.includes);
  let indent = '';
  const counts = { __proto__: null }, begun = { __proto__: null };
  function line(stream, string) {
    if (indent !== '') string = indent + (includes(string, '\n') ? replace(string, /\n/g, '\n' + indent) : string);
    process[stream].write(string + '\n');
  }
  const options = () => undefined;
  const log = (...args) => line('stdout', formatWith(options(), args));
  const error = (...args) => line('stderr', formatWith(options(), args));
  const took = (label) => {
    const milliseconds = engine.now() - begun[label];
    return label + ': ' + (milliseconds >= 1000 ? fixed(milliseconds / 1000, 3) + 's' : fixed(milliseconds, 3).replace(/\.?0+$/, '') + 'ms');
  };

  const cell = (value) => inspect(value, { maxArrayLength: 3, breakLength: Infinity, depth: value !== null && typeof value === 'object' && !isArray(value) && keysOf(value).length > 2 ? -1 : 0 });
  function table(data, columns) {
    if (data === null || typeof data !== 'object') return log(data);
    const rows = [], heads = [], isMap = data instanceof Map, isSet = data instanceof Set;
    let plain = false;
    const entries = isMap ? [...data].map(([key, value], i) => [i, value, key]) : isSet ? [...data].map((value, i) => [i, value]) : keysOf(data).map((key) => [key, data[key]]);
    for (const [key, value, mapKey] of entries) {
      const row = { key: text(key), cells: new Map(), value: undefined, mapKey: isMap ? cell(mapKey) : undefined };
      if (!isMap && value !== null && (typeof value === 'object' || typeof value === 'function')) {
        for (const name of columns ?? keysOf(value)) {
          if (!heads.includes(name)) heads.push(name);
          if (Object.hasOwn(value, name)) row.cells.set(name, cell(value[name]));
        }
      } else {
        plain = true;
        row.value = cell(value);
      }
      rows.push(row);
    }
    const all = [isMap || isSet ? '(iteration index)' : '(index)', ...(isMap ? ['Key'] : []), ...heads, ...(plain ? ['Values'] : [])];
    const lines = rows.map((row) => [row.key, ...(isMap ? [row.mapKey] : []), ...heads.map((name) => row.cells.get(name) ?? ''), ...(plain ? [row.value ?? ''] : [])]);
    const widths = all.map((head, i) => Math.max(head.length, ...lines.map((each) => each[i].length)) + 2);
    const padded = (string, width) => ' ' + string + repeat(' ', width - string.length - 1);
    const row = (cells) => '│' + cells.map((each, i) => padded(each, widths[i])).join('│') + '│';
    const rule = (left, middle, right) => left + widths.map((width) => repeat('─', width)).join(middle) + right;
    log([rule('┌', '┬', '┐'), row(all), rule('├', '┼', '┤'), ...lines.map(row), rule('└', '┴', '┘')].join('\n'));
  }

  const methods = {
    log, error, warn: error, info: log, debug: log, dirxml: log, table,
    trace(...args) { error('Trace' + (args.length ? ': ' + formatWith(undefined, args) : '')); },
    dir(value, given) { line('stdout', inspect(value, { customInspect: false, ...given })); },
    assert(condition, ...args) {
      if (condition) return;
      if (typeof args[0] === 'string') error('Assertion failed: ' + args[0], ...args.slice(1));
      else error('Assertion failed' + (args.length ? ':' : ''), ...args);
    },
    group(...args) {
      if (args.length > 0) log(...args);
      indent += '  ';
    },
    groupEnd() { indent = indent.slice(0, -2); },
    count(label = 'default') {
      label = text(label);
      counts[label] = (counts[label] ?? 0) + 1;
      log(label + ': ' + counts[label]);
    },
    countReset(label = 'default') { delete counts[text(label)]; },
    time(label = 'default') { begun[text(label)] = engine.now(); },
    timeEnd(label = 'default') {
      label = text(label);
      if (begun[label] === undefined) return;
      log(took(label));
      delete begun[label];
    },
    timeLog(label = 'default', ...args) {
      label = text(label);
      if (begun[label] !== undefined) log(took(label), ...args);
    },
  };
  methods.groupCollapsed = methods.group;
  const console = {};
  for (const name of keysOf(methods)) {
    const method = methods[name];
    defineProperty(method, 'name', { value: name });
    console[name] = method;
  }
  defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });
  defineProperty(globalThis, 'console', { value: console, writable: true, configurable: true, enumerable: false });
  engine.modules.console = console;
})
