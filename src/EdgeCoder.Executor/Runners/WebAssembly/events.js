// node:events: EventEmitter, once and on.
(function (engine) {
  'use strict';
  const { apply } = engine;
  // A function and not a class: programs call it on objects of their own (util.inherits).
  function EventEmitter() { eventsOf(this); }
  const eventsOf = (emitter) => Object.hasOwn(emitter, '_events') ? emitter._events : (Object.defineProperty(emitter, '_events', { value: { __proto__: null }, writable: true, configurable: true }), emitter._events);
  function add(emitter, name, listener, first, once) {
    if (typeof listener !== 'function') {
      const error = new TypeError('The "listener" argument must be of type function. Received ' + (listener === null || listener === undefined ? listener : 'type ' + typeof listener));
      error.code = 'ERR_INVALID_ARG_TYPE';
      throw error;
    }
    const events = eventsOf(emitter);
    if (events.newListener) emitter.emit('newListener', name, listener);
    let kept = listener;
    if (once) {
      kept = (...args) => {
        emitter.removeListener(name, listener);
        return apply(listener, emitter, args);
      };
      kept.listener = listener;
    }
    const list = events[name] ??= [];
    events[name] = first ? [kept, ...list] : [...list, kept];
    return emitter;
  }
  const methods = {
    on(name, listener) { return add(this, name, listener, false, false); },
    addListener(name, listener) { return add(this, name, listener, false, false); },
    once(name, listener) { return add(this, name, listener, false, true); },
    prependListener(name, listener) { return add(this, name, listener, true, false); },
    prependOnceListener(name, listener) { return add(this, name, listener, true, true); },
    removeListener(name, listener) {
      const list = eventsOf(this)[name] ?? [];
      const at = list.findLastIndex((each) => each === listener || each.listener === listener);
      if (at >= 0) {
        eventsOf(this)[name] = list.toSpliced(at, 1);
        if (eventsOf(this)[name].length === 0) delete eventsOf(this)[name];
        if (eventsOf(this).removeListener) this.emit('removeListener', name, listener);
      }
      return this;
    },
    off(name, listener) { return this.removeListener(name, listener); },
    removeAllListeners(name) {
      if (name === undefined) Object.defineProperty(this, '_events', { value: { __proto__: null }, writable: true, configurable: true });
      else delete eventsOf(this)[name];
      return this;
    },
    emit(name, ...args) {
      const list = eventsOf(this)[name];
      if (list === undefined) {
        if (name !== 'error') return false;
        if (args[0] instanceof Error) throw args[0];
        const error = new Error('Unhandled error. (' + (typeof args[0] === 'string' ? "'" + args[0] + "'" : engine.inspect(args[0])) + ')');
        error.code = 'ERR_UNHANDLED_ERROR';
        error.context = args[0];
        throw error;
      }
      for (const listener of list) apply(listener, this, args);
      return true;
    },
    listeners(name) { return (eventsOf(this)[name] ?? []).map((each) => each.listener ?? each); },
    rawListeners(name) { return [...(eventsOf(this)[name] ?? [])]; },
    listenerCount(name, listener) { return this.listeners(name).filter((each) => listener === undefined || each === listener).length; },
    eventNames() { return Reflect.ownKeys(eventsOf(this)); },
    setMaxListeners(count) { this._maxListeners = count; return this; },
    getMaxListeners() { return this._maxListeners ?? EventEmitter.defaultMaxListeners; },
  };
  for (const name of Object.keys(methods)) EventEmitter.prototype[name] = methods[name];
  EventEmitter.defaultMaxListeners = 10;
  EventEmitter.EventEmitter = EventEmitter;
  EventEmitter.once = (emitter, name) => new Promise((resolve, reject) => {
    const failed = (error) => { emitter.removeListener(name, done); reject(error); };
    const done = (...args) => { emitter.removeListener('error', failed); resolve(args); };
    emitter.once(name, done);
    if (name !== 'error') emitter.once('error', failed);
  });
  EventEmitter.on = async function* (emitter, name) {
    const waiting = [];
    let wake = null;
    emitter.on(name, (...args) => { waiting.push(args); wake?.(); });
    for (;;) {
      while (waiting.length > 0) yield waiting.shift();
      await new Promise((resolve) => { wake = resolve; });
    }
  };
  EventEmitter.default = EventEmitter;
  engine.modules.events = EventEmitter;
})
