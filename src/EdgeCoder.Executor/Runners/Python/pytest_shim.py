# The part of pytest that small test files use, for machines where it is not installed. Loaded as the module "pytest".
import inspect
import itertools
import os
import re
import shutil
import sys
import tempfile

__version__ = "0 (EdgeCoder)"
SHARED = {}  # values of fixtures that live longer than a test: (module, name) -> value
CLOSERS = []
COUNTER = itertools.count()


class Skipped(Exception):
    pass


class Failed(AssertionError):
    pass


def skip(reason="", allow_module_level=False, msg=""):
    raise Skipped(reason or msg)


def fail(reason="", pytrace=True, msg=""):
    raise Failed(reason or msg)


def xfail(reason=""):
    raise Skipped("xfail: " + reason)


def importorskip(name, *args, **kwargs):
    try:
        __import__(name)
    except ImportError as error:
        raise Skipped(str(error))
    return sys.modules[name]


skip.Exception, fail.Exception = Skipped, Failed


class ExceptionInfo:
    type = value = tb = None

    def match(self, pattern):
        if not re.search(pattern, str(self.value)):
            raise Failed("Pattern %r does not match %r" % (pattern, str(self.value)))
        return True

    @property
    def typename(self):
        return self.type.__name__


class RaisesContext:
    def __init__(self, expected, match):
        self.expected, self.match, self.info = expected, match, ExceptionInfo()

    def __enter__(self):
        return self.info

    def __exit__(self, kind, value, tb):
        names = " or ".join([each.__name__ for each in (self.expected if isinstance(self.expected, tuple) else (self.expected,))])
        if kind is None:
            failure = Failed("DID NOT RAISE " + names)
            failure.expected, failure.actual = "raises " + names, "no exception"
            raise failure
        if not issubclass(kind, self.expected):
            return False
        self.info.type, self.info.value, self.info.tb = kind, value, tb
        if self.match is not None and not re.search(self.match, str(value)):
            failure = Failed("Regex pattern did not match")
            failure.expected, failure.actual = repr(self.match), repr(str(value))
            raise failure
        return True


def raises(expected_exception, *args, match=None, **kwargs):
    context = RaisesContext(expected_exception, match)
    if not args:
        return context
    with context as info:
        args[0](*args[1:], **kwargs)
    return info


def warns(expected_warning=Warning, *args, match=None):
    import contextlib
    import warnings

    @contextlib.contextmanager
    def recording():
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            yield seen
        if not [w for w in seen if issubclass(w.category, expected_warning) and (match is None or re.search(match, str(w.message)))]:
            raise Failed("DID NOT WARN")

    return recording()


class approx:
    """Equal within max(rel * |expected|, abs), as pytest: rel 1e-6, abs 1e-12."""

    def __init__(self, expected, rel=None, abs=None, nan_ok=False):
        self.expected, self.rel, self.abs, self.nan_ok = expected, rel, abs, nan_ok

    def close(self, actual, expected):
        if actual == expected:
            return True
        try:
            if expected != expected:
                return self.nan_ok and actual != actual
            difference = abs(actual - expected)
            bound = self.abs if self.abs is not None else 1e-12
            if self.rel is not None or self.abs is None:
                bound = max(bound, (self.rel if self.rel is not None else 1e-6) * abs(expected))
            return difference <= bound and difference != float("inf")
        except TypeError:
            return False

    def __eq__(self, actual):
        expected = self.expected
        if isinstance(expected, dict):
            return isinstance(actual, dict) and set(actual) == set(expected) and all(self.close(actual[key], expected[key]) for key in expected)
        if isinstance(expected, (list, tuple)):
            return hasattr(actual, "__len__") and len(actual) == len(expected) and all(self.close(a, e) for a, e in zip(actual, expected))
        return self.close(actual, expected)

    def __ne__(self, actual):
        return not self == actual

    __hash__ = None

    def __repr__(self):
        return "approx(%r)" % (self.expected,)


# ---- marks ----

class Mark:
    def __init__(self, name, args, kwargs):
        self.name, self.args, self.kwargs = name, args, kwargs


class MarkDecorator:
    def __init__(self, name, args=(), kwargs=None):
        self.name, self.args, self.kwargs = name, args, kwargs or {}

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and not kwargs and (inspect.isfunction(args[0]) or inspect.isclass(args[0])) and not self.args:
            target = args[0]
            target.pytestmark = list(getattr(target, "pytestmark", [])) + [Mark(self.name, self.args, self.kwargs)]
            return target
        return MarkDecorator(self.name, args, kwargs).apply

    def apply(self, target):
        target.pytestmark = list(getattr(target, "pytestmark", [])) + [Mark(self.name, self.args, self.kwargs)]
        return target


class Marks:
    def __getattr__(self, name):
        return MarkDecorator(name)


mark = Marks()


class Parameters:
    def __init__(self, values, identifier, marks):
        self.values, self.id, self.marks = values, identifier, marks


def param(*values, id=None, marks=()):
    return Parameters(values, id, marks)


# ---- fixtures ----

class Fixture:
    def __init__(self, function, scope, params, autouse, name):
        self.function, self.scope, self.params, self.autouse = function, scope, params, autouse
        self.name = name or function.__name__

    def __call__(self, *args, **kwargs):
        return self.function(*args, **kwargs)


def fixture(function=None, *, scope="function", params=None, autouse=False, name=None, ids=None):
    if function is not None:
        return Fixture(function, scope, params, autouse, name)
    return lambda target: Fixture(target, scope, params, autouse, name)


class MonkeyPatch:
    def __init__(self):
        self.undoing = []

    def setattr(self, target, name, value=None, raising=True):
        if isinstance(target, str):
            path, _, attribute = target.rpartition(".")
            value, name = name, attribute
            __import__(path)
            target = sys.modules[path]
        if raising and not hasattr(target, name):
            raise AttributeError("%r has no attribute %r" % (target, name))
        old = getattr(target, name, self)
        self.undoing.append(lambda: setattr(target, name, old) if old is not self else delattr(target, name))
        setattr(target, name, value)

    def delattr(self, target, name, raising=True):
        if not hasattr(target, name) and not raising:
            return
        old = getattr(target, name)
        self.undoing.append(lambda: setattr(target, name, old))
        delattr(target, name)

    def setitem(self, mapping, key, value):
        old = mapping.get(key, self)
        self.undoing.append(lambda: mapping.__setitem__(key, old) if old is not self else mapping.pop(key, None))
        mapping[key] = value

    def delitem(self, mapping, key, raising=True):
        if key in mapping or raising:
            old = mapping[key]
            self.undoing.append(lambda: mapping.__setitem__(key, old))
            del mapping[key]

    def setenv(self, name, value, prepend=None):
        self.setitem(os.environ, name, str(value))

    def delenv(self, name, raising=True):
        self.delitem(os.environ, name, raising)

    def chdir(self, path):
        old = os.getcwd()
        self.undoing.append(lambda: os.chdir(old))
        os.chdir(path)

    def syspath_prepend(self, path):
        old = list(sys.path)
        self.undoing.append(lambda: sys.path.__setitem__(slice(None), old))
        sys.path.insert(0, str(path))

    def undo(self):
        while self.undoing:
            self.undoing.pop()()


class Captured:
    def __init__(self):
        import io
        self.previous = sys.stdout, sys.stderr
        self.streams = io.StringIO(), io.StringIO()
        sys.stdout, sys.stderr = self.streams

    def readouterr(self):
        import collections
        values = [stream.getvalue() for stream in self.streams]
        for stream in self.streams:
            stream.seek(0)
            stream.truncate()
        return collections.namedtuple("CaptureResult", "out err")(*values)

    def close(self):
        sys.stdout, sys.stderr = self.previous


class Request:
    def __init__(self, param):
        self.param = param


class Resolver:
    """Values of the fixtures that one test asks for, and how to put them away."""

    def __init__(self, module, instance, chosen):
        self.module, self.instance, self.chosen, self.values, self.closing = module, instance, chosen, {}, []

    def fixtures(self):
        found = {}
        places = [self.module.__dict__] + ([each.__dict__ for each in reversed(type(self.instance).__mro__)] if self.instance is not None else [])
        for place in places:
            for key, value in list(place.items()):
                if isinstance(value, Fixture):
                    found[value.name if value.name != value.function.__name__ else key] = value
        return found

    def value(self, name):
        if name in self.values:
            return self.values[name]
        known = self.fixtures()
        if name in known:
            value = self.make(name, known[name])
        elif name in ("tmp_path", "tmpdir"):
            import pathlib
            path = tempfile.mkdtemp()
            self.closing.append(lambda: shutil.rmtree(path, ignore_errors=True))
            value = pathlib.Path(path)
        elif name == "monkeypatch":
            value = MonkeyPatch()
            self.closing.append(value.undo)
        elif name in ("capsys", "capfd"):
            value = Captured()
            self.closing.append(value.close)
        elif name == "request":
            value = Request(None)
        else:
            raise LookupError("fixture %r not found" % name)
        self.values[name] = value
        return value

    def make(self, name, fixture):
        shared = (self.module.__name__, name, self.chosen.get(name) if fixture.params else None)
        if fixture.scope != "function":
            for key, value in SHARED.items():
                if key == repr(shared):
                    return value
        arguments = {}
        for parameter in inspect.signature(fixture.function).parameters:
            if parameter == "self":
                arguments[parameter] = self.instance
            elif parameter == "request":
                arguments[parameter] = Request(fixture.params[self.chosen[name]] if fixture.params else None)
            else:
                arguments[parameter] = self.value(parameter)
        value = fixture.function(**arguments)
        if inspect.isgenerator(value):
            generator, value = value, next(value)
            (self.closing if fixture.scope == "function" else CLOSERS).append(lambda: next(generator, None))
        if fixture.scope != "function":
            SHARED[repr(shared)] = value
        return value

    def close(self):
        while self.closing:
            self.closing.pop()()


def close_fixtures():
    while CLOSERS:
        CLOSERS.pop()()


def marks_of(function, owner):
    return list(getattr(owner, "pytestmark", [])) + list(getattr(function, "pytestmark", []))


def argument_sets(marks):
    """All combinations of parametrize marks: (id, {name: value}, marks)."""
    sets = [("", {}, [])]
    for each in reversed([m for m in marks if m.name == "parametrize"]):
        names = each.kwargs.get("argnames", each.args[0] if each.args else "")
        values = each.kwargs.get("argvalues", each.args[1] if len(each.args) > 1 else ())
        identifiers = each.kwargs.get("ids")
        names = [n.strip() for n in names.split(",") if n.strip()] if isinstance(names, str) else list(names)
        rows = []
        for index, row in enumerate(values):
            own_marks, identifier = [], None
            if isinstance(row, Parameters):
                own_marks = row.marks if isinstance(row.marks, (list, tuple)) else [row.marks]
                identifier, row = row.id, (row.values if len(names) > 1 else row.values[0])
            row = tuple(row) if len(names) > 1 else (row,)
            if len(row) != len(names):
                raise Failed("parametrize: %d names, %d values" % (len(names), len(row)))
            if identifier is None and identifiers is not None:
                identifier = identifiers(row[0]) if callable(identifiers) else identifiers[index]
            if identifier is None:
                identifier = "-".join([str(v) if isinstance(v, (int, float, str, bool, type(None))) else n + str(index) for n, v in zip(names, row)])
            rows.append((str(identifier), dict(zip(names, row)), own_marks))
        sets = [(a + "-" + b if a else b, {**old, **new}, kept + marks) for a, old, kept in sets for b, new, marks in rows]
    return sets


def expand(name, function, owner, module):
    """The cases of one test function: (name, call)."""
    plain = getattr(function, "__func__", function)
    marks = marks_of(plain, owner) + [m for m in (lambda v: v if isinstance(v, (list, tuple)) else [v])(getattr(module, "pytestmark", []))]
    marks = [m if isinstance(m, Mark) else Mark(m.name, m.args, m.kwargs) for m in marks if hasattr(m, "name")]
    cases = []
    for identifier, values, own_marks in argument_sets(marks):
        own_marks = [m if isinstance(m, Mark) else Mark(getattr(m, "name", ""), getattr(m, "args", ()), getattr(m, "kwargs", {})) for m in own_marks]
        used = [p for p in inspect.signature(plain).parameters if p not in values]
        instance_fixtures = Resolver(module, None, {}).fixtures()
        parametrised = [(n, f) for n, f in instance_fixtures.items() if f.params and (n in used or f.autouse)]
        for chosen in itertools.product(*[range(len(f.params)) for _, f in parametrised]):
            choice = dict(zip([n for n, _ in parametrised], chosen))
            extra = [str(f.params[i]) for (_, f), i in zip(parametrised, chosen)]
            label = "-".join([part for part in [identifier] + extra if part])
            cases.append((name + ("[" + label + "]" if label else ""), one_case(plain, owner, module, values, choice, marks + own_marks)))
    return cases


def one_case(function, owner, module, values, choice, marks):
    def call():
        expected_failure = None
        for each in marks:
            reason = str(each.kwargs.get("reason", each.args[0] if each.args and isinstance(each.args[0], str) else ""))
            if each.name == "skip":
                raise Skipped(reason)
            if each.name == "skipif" and (each.args[0] if each.args else each.kwargs.get("condition")):
                raise Skipped(reason)
            if each.name == "xfail" and (not each.args or isinstance(each.args[0], str) or each.args[0]):
                expected_failure = each
        instance = owner() if owner else None
        if instance is not None and hasattr(instance, "setup_method"):
            instance.setup_method(function) if len(inspect.signature(instance.setup_method).parameters) else instance.setup_method()
        resolver = Resolver(module, instance, choice)
        try:
            for key, each in resolver.fixtures().items():
                if each.autouse:
                    resolver.value(key)
            for each in marks:
                if each.name == "usefixtures":
                    for key in each.args:
                        resolver.value(key)
            arguments = {p: values[p] if p in values else instance if p == "self" else resolver.value(p) for p in inspect.signature(function).parameters}
            try:
                result = function(**arguments)
                if inspect.isawaitable(result):
                    import asyncio
                    asyncio.run(result)
            except (Skipped, KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:
                if expected_failure is None or not isinstance(error, expected_failure.kwargs.get("raises", BaseException)):
                    raise
                return
            if expected_failure is not None and expected_failure.kwargs.get("strict"):
                raise Failed("passed, although a failure was expected")
        finally:
            resolver.close()
            if instance is not None and hasattr(instance, "teardown_method"):
                instance.teardown_method(function) if len(inspect.signature(instance.teardown_method).parameters) else instance.teardown_method()

    return call


def main(*args, **kwargs):
    return 0
