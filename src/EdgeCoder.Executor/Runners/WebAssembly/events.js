// node:events: EventEmitter, once and on.
(function (engine) {
  'use strict';
  const { apply } = engine;
  class EventEmitter {
    #events() { return this._events ??= { __proto__: null }; }
    #add(name, listener, first, once) {
      if (typeof listener !== 'function') {
        const error = new TypeError('The "listener" argument must be of type function. Received ' + (listener === null || listener === undefined ? listener : 'type ' + typeof listener));
        error.code = 'ERR_INVALID_ARG_TYPE';
        throw error;
      }
      const events = this.#events();
      if (events.newListener) this.emit('newListener', name, listener);
      let kept = listener;
      if (once) {
        kept = (...args) => {
          this.removeListener(name, listener);
          return apply(listener, this, args);
        };
        kept.listener = listener;
      }
      const list = events[name] ??= [];
      events[name] = first ? [kept, ...list] : [...list, kept];
      return this;
    }
    on(name, listener) { return this.#add(name, listener, false, false); }
    addListener(name, listener) { return this.#add(name, listener, false, false); }
    once(name, listener) { return this.#add(name, listener, false, true); }
    prependListener(name, listener) { return this.#add(name, listener, true, false); }
    prependOnceListener(name, listener) { return this.#add(name, listener, true, true); }
    removeListener(name, listener) {
      const list = this.#events()[name] ?? [];
      const at = list.findLastIndex((each) => each === listener || each.listener === listener);
      if (at >= 0) {
        this._events[name] = list.toSpliced(at, 1);
        if (this._events[name].length === 0) delete this._events[name];
        if (this._events.removeListener) this.emit('removeListener', name, listener);
      }
      return this;
    }
    off(name, listener) { return this.removeListener(name, listener); }
    removeAllListeners(name) {
      if (name === undefined) this._events = { __proto__: null };
      else delete this.#events()[name];
      return this;
    }
    emit(name, ...args) {
      const list = this.#events()[name];
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
    }
    listeners(name) { return (this.#events()[name] ?? []).map((each) => each.listener ?? each); }
    rawListeners(name) { return [...(this.#events()[name] ?? [])]; }
    listenerCount(name, listener) { return this.listeners(name).filter((each) => listener === undefined || each === listener).length; }
    eventNames() { return Reflect.ownKeys(this.#events()); }
    setMaxListeners(count) { this._maxListeners = count; return this; }
    getMaxListeners() { return this._maxListeners ?? EventEmitter.defaultMaxListeners; }
  }
  for (const name of Object.getOwnPropertyNames(EventEmitter.prototype)) if (name !== 'constructor') Object.defineProperty(EventEmitter.prototype, name, { enumerable: true });
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
