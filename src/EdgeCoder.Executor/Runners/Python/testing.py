# The test part of the runner: plain asserts, unittest, pytest-style functions and classes. Executed in the runner's own namespace.
MISSING = object()
STATE = {"asserts": 0}
SYMBOLS = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in"}


class Failure(AssertionError):
    """An assertion of a test file that did not hold, with both sides."""

    expected = None
    actual = None


def assertion_seen():
    STATE["asserts"] += 1


def assertion_failed(source, symbol, constant_left, left, right, message):
    if message is not MISSING:
        text = str(message)
    else:
        text = "assert " + source
    failure = Failure(clip(text))
    if symbol is None:
        failure.expected, failure.actual = "a true value", show(left)
    elif symbol == "==":
        failure.expected, failure.actual = (show(left), show(right)) if constant_left else (show(right), show(left))
    else:
        failure.expected, failure.actual = symbol + " " + show(right), show(left)
    return failure


def rewrite_asserts(tree, text):
    """Replaces each assert statement by one that keeps both sides of a comparison."""
    import _ast as a
    lines = text.split("\n")

    def at(node, origin):
        for field in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            setattr(node, field, getattr(origin, field, None) or (1 if "line" in field else 0))
        return node

    def name(identifier, origin, ctx=None):
        return at(a.Name(id=identifier, ctx=ctx or a.Load()), origin)

    def constant(value, origin):
        return at(a.Constant(value=value, kind=None), origin)

    def source_of(node):
        if getattr(node, "end_lineno", None) == node.lineno:
            return lines[node.lineno - 1].encode("utf-8")[node.col_offset:node.end_col_offset].decode("utf-8", "replace")
        return lines[node.lineno - 1].strip() + " …"

    def replacement(node):
        test = node.test
        out = [at(a.Expr(value=at(a.Call(func=name("@assertion_seen", node), args=[], keywords=[]), node)), node)]
        symbol, right = None, constant(None, node)
        constant_left = False
        if type(test) is a.Compare and len(test.ops) == 1:
            symbol = SYMBOLS.get(type(test.ops[0]).__name__)
            constant_left = type(test.left).__name__ in ("Constant", "Num", "Str") and type(test.comparators[0]).__name__ not in ("Constant", "Num", "Str")
            out.append(at(a.Assign(targets=[name("@left", node, a.Store())], value=test.left, type_comment=None), node))
            out.append(at(a.Assign(targets=[name("@right", node, a.Store())], value=test.comparators[0], type_comment=None), node))
            condition = at(a.Compare(left=name("@left", node), ops=test.ops, comparators=[name("@right", node)]), node)
            right = name("@right", node)
        else:
            out.append(at(a.Assign(targets=[name("@left", node, a.Store())], value=test, type_comment=None), node))
            condition = name("@left", node)
        arguments = [constant(clip(source_of(test), 300), node), constant(symbol, node), constant(constant_left, node),
                     name("@left", node), right, node.msg or name("@missing", node)]
        failed = at(a.Raise(exc=at(a.Call(func=name("@assertion_failed", node), args=arguments, keywords=[]), node), cause=None), node)
        out.append(at(a.If(test=at(a.UnaryOp(op=a.Not(), operand=condition), node), body=[failed], orelse=[]), node))
        return out

    stack = [tree]
    while stack:
        node = stack.pop()
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                if [item for item in value if type(item) is a.Assert]:
                    changed = []
                    for item in value:
                        changed.extend(replacement(item) if type(item) is a.Assert else [item])
                    setattr(node, field, changed)
                    value = changed
                stack.extend([item for item in value if hasattr(item, "_fields")])
            elif hasattr(value, "_fields"):
                stack.append(value)


class Tee:
    """Writes through and remembers the last of it, for the case's own output."""

    def __init__(self, stream):
        self.stream = stream
        self.text = ""

    def write(self, text):
        self.text = (self.text + text)[-4000:]
        return self.stream.write(text)

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Cases:
    """Collects cases and reports each as it ends."""

    def __init__(self, report, own_files):
        self.report, self.own_files = report, own_files
        self.passed = self.bad = 0
        self.frameworks = set()
        self.memory = False
        self.first_bad = None

    def begin(self):
        sys.stdout, sys.stderr = Tee(sys.__stdout__), Tee(sys.__stderr__)
        return perf_counter()

    def end(self, name, status, began, message=None, error=None, expected=None, actual=None):
        took = (perf_counter() - began) * 1000
        texts = [clip(stream.text, 2000) if type(stream) is Tee and stream.text else None for stream in (sys.stdout, sys.stderr)]
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        line = None
        if error is not None:
            self.memory = self.memory or isinstance(error, MemoryError)
            expected = expected or getattr(error, "expected", None)
            actual = actual or getattr(error, "actual", None)
            at = place(error, self.own_files)
            try:
                message = clip(str(error)) if type(error) is Failure else clip((type(error).__name__ + ": " + str(error)).rstrip(": "))
            except BaseException:
                message = type(error).__name__
            if at:
                line = at[1]
                message += " (%s, line %d)" % at
        if status == "passed":
            self.passed += 1
        elif status in ("failed", "errored"):
            self.bad += 1
            if error is not None and self.first_bad is None:
                self.first_bad = describe_error(error)
        if type(expected) is not str:
            expected = None
        if type(actual) is not str:
            actual = None
        self.report("case", name=clip(name, 300), status=status, durationMs=float(took), message=message, line=line,
                    expected=expected, actual=actual, stdout=texts[0], stderr=texts[1])


def public_names(module):
    return {key: value for key, value in module.__dict__.items() if not (key.startswith("__") and key.endswith("__"))}


def load_pytest():
    code = PYTEST
    if code is None:
        with open(HERE + "/pytest_shim.py", encoding="utf-8") as file:
            code = compile(file.read(), HERE + "/pytest_shim.py", "exec", 0, True)
    exec(code, new_module("pytest", HERE + "/pytest_shim.py").__dict__)


def unittest_values():
    """Makes unittest's failures carry expected and actual."""
    import unittest
    case = unittest.TestCase

    def wrap(method_name, values):
        original = getattr(case, method_name)

        def checked(self, *args, **kwargs):
            try:
                return original(self, *args, **kwargs)
            except AssertionError as error:
                if getattr(error, "expected", None) is None:
                    try:
                        error.expected, error.actual = values(*args)
                    except Exception:
                        pass
                raise

        setattr(case, method_name, checked)

    for each in ("assertEqual", "assertListEqual", "assertDictEqual", "assertTupleEqual", "assertSetEqual", "assertSequenceEqual", "assertMultiLineEqual",
                 "assertAlmostEqual", "assertCountEqual", "assertIs"):
        wrap(each, lambda first, second, *rest: (show(second), show(first)))
    wrap("assertNotEqual", lambda first, second, *rest: ("!= " + show(second), show(first)))
    wrap("assertTrue", lambda value, *rest: ("a true value", show(value)))
    wrap("assertFalse", lambda value, *rest: ("a false value", show(value)))
    wrap("assertIsNone", lambda value, *rest: ("None", show(value)))
    wrap("assertIn", lambda member, container, *rest: ("in " + show(container), show(member)))
    unittest.main = lambda *args, **kwargs: None
    return unittest


def run_unittest(unittest, cases, suites):
    class Result(unittest.TestResult):
        def startTest(self, test):
            super().startTest(test)
            self.began, self.bad_subtest, self.stated = cases.begin(), None, False

        def state(self, test, status, error=None, message=None):
            self.stated = True
            name = test.id().partition(".")[2] or test.id()
            cases.end(name, status, getattr(self, "began", None) or cases.begin(), message=message, error=error)

        def addSuccess(self, test):
            if self.bad_subtest is not None:
                self.state(test, "failed" if isinstance(self.bad_subtest, test.failureException) else "errored", self.bad_subtest)
            else:
                self.state(test, "passed")

        def addFailure(self, test, err):
            self.state(test, "failed", err[1])

        def addError(self, test, err):
            if not hasattr(test, "_testMethodName"):
                self.began = cases.begin()
            self.state(test, "errored", err[1])

        def addSkip(self, test, reason):
            if not hasattr(test, "_testMethodName"):
                self.began = cases.begin()
            if not self.stated or not hasattr(test, "_testMethodName"):
                self.state(test, "skipped", message=reason)

        def addExpectedFailure(self, test, err):
            self.state(test, "passed", message="failed, as expected")

        def addUnexpectedSuccess(self, test):
            self.state(test, "failed", message="passed, although a failure was expected")

        def addSubTest(self, test, subtest, err):
            if err is not None and self.bad_subtest is None:
                self.bad_subtest = err[1]

        def stopTest(self, test):
            super().stopTest(test)
            if not self.stated and self.bad_subtest is not None:
                self.addSuccess(test)

    unittest.TestSuite(suites).run(Result())


def is_assertion(error):
    return isinstance(error, AssertionError)


def own(value, stem):
    return getattr(value, "__module__", None) == stem


def run_case(cases, name, call):
    shim = sys.modules.get("pytest")
    skipped, failed = getattr(shim, "Skipped", ()), getattr(shim, "Failed", ())
    unittest = sys.modules.get("unittest")
    skips = (skipped if skipped else (), getattr(unittest, "SkipTest", ()) if unittest else ())
    began = cases.begin()
    try:
        result = call()
        if hasattr(result, "__await__"):
            import asyncio
            asyncio.run(result)
        cases.end(name, "passed", began)
    except BaseException as error:
        if [kind for kind in skips if kind and isinstance(error, kind)]:
            cases.end(name, "skipped", began, message=clip(str(error)))
        elif is_assertion(error) or (failed and isinstance(error, failed)):
            cases.end(name, "failed", began, error=error)
        else:
            cases.end(name, "errored", began, error=error)


def method_case(owner, name):
    def call():
        one = owner()
        if hasattr(one, "setup_method"):
            one.setup_method(*[getattr(one, name)][:one.setup_method.__code__.co_argcount - 1])
        try:
            return getattr(one, name)()
        finally:
            if hasattr(one, "teardown_method"):
                one.teardown_method(*[getattr(one, name)][:one.teardown_method.__code__.co_argcount - 1])

    return call


def pytest_cases(module, stem):
    """(name, call) of each test function and method of a file. With the pytest module in use it expands parameters and fixtures."""
    shim = sys.modules.get("pytest")
    unittest = sys.modules.get("unittest")
    found = []
    for key, value in list(module.__dict__.items()):
        if key.startswith("test") and type(value) is type(method_case) and own(value, stem):
            found.extend(shim.expand(key, value, None, module) if shim else [(key, value)])
        elif key.startswith("Test") and isinstance(value, type) and own(value, stem) and not (unittest and issubclass(value, unittest.TestCase)):
            for method, function in list(value.__dict__.items()):
                if method.startswith("test") and callable(getattr(value, method)):
                    name = key + "." + method
                    found.extend(shim.expand(name, function, value, module) if shim else [(name, method_case(value, method))])
    return found


def snapshot(unittest):
    """What tests rely on and a solution must not replace: (owner, name, value)."""
    owners = [BUILTINS]
    if unittest:
        owners += [unittest.TestCase, unittest.TestSuite, unittest.TestResult]
    if "pytest" in sys.modules:
        owners += [sys.modules["pytest"], sys.modules["pytest"].RaisesContext, sys.modules["pytest"].approx]
    return [(owner, key, value) for owner in owners for key, value in list(owner.__dict__.items()) if key != "_"]


def replaced(taken):
    for owner, key, value in taken:
        if owner.__dict__.get(key, MISSING) is not value and key not in ("_", "__warningregistry__", "COUNTER"):
            return "%s.%s" % (getattr(owner, "__name__", owner), key)
    return None


def run_tests(report, main_name, codes, test_names):
    own_files = set(codes)
    cases = Cases(report, own_files)
    stem = main_name.rpartition(".")[0].replace("/", ".")
    unittest = unittest_values() if "unittest" in sys.modules or [c for c in codes.values() if "unittest" in c.co_names or "TestCase" in c.co_names] else None
    taken = snapshot(unittest)
    report("start")

    # 1. The solution, as the module that tests may import.
    new_module("__main__", main_name)
    solution = new_module(stem, main_name)
    began = cases.begin()
    try:
        exec(codes[main_name], solution.__dict__)
    except BaseException as error:
        ended = isinstance(error, SystemExit)
        if not ended:
            sys.__excepthook__(type(error), error.with_traceback(without_runner(error)), error.__traceback__)
        cases.frameworks.add("asserts")
        report("collected", total=1, framework="asserts")
        cases.end(main_name, "errored", began, error=error)
        finish(1)
        report("error", code="exited_early" if ended else describe_error(error), message=clip(type(error).__name__ + ": " + str(error), 1000),
               file=main_name, line=(place(error, own_files) or (None, None))[1])
        return 1

    # 2. The test files, one after the other; what stands at top level runs now.
    total, files, plan = 0, [], []
    for name in test_names:
        test_stem = name.rpartition(".")[0].replace("/", ".")
        if name not in codes:
            continue
        module = new_module(test_stem, name)
        module.__dict__.update(public_names(solution))
        module.__dict__["@assertion_seen"] = assertion_seen
        module.__dict__["@assertion_failed"] = assertion_failed
        module.__dict__["@missing"] = MISSING
        before, error = STATE["asserts"], None
        began = cases.begin()
        try:
            exec(codes[name], module.__dict__)
        except BaseException as caught:
            error = caught
        if error is not None or STATE["asserts"] > before:
            files.append((name, began, perf_counter() - began, error))
            cases.frameworks.add("asserts")
            total += 1
        if error is None:
            classes = [value for value in list(module.__dict__.values())
                       if unittest and isinstance(value, type) and issubclass(value, unittest.TestCase) and own(value, test_stem)]
            suites = [unittest.defaultTestLoader.loadTestsFromTestCase(each) for each in classes] if classes else []
            functions = pytest_cases(module, test_stem)
            count = sum([suite.countTestCases() for suite in suites])
            if count:
                cases.frameworks.add("unittest")
            if functions:
                cases.frameworks.add("pytest")
            total += count + len(functions)
            plan.append((suites, functions))

    framework = list(cases.frameworks)[0] if len(cases.frameworks) == 1 else "mixed" if cases.frameworks else "none"
    report("collected", total=total, framework=framework)

    # 3. The cases.
    early = None
    for name, began, took, error in files:
        began = perf_counter() - took
        if error is None:
            cases.end(name, "passed", began)
        elif is_assertion(error):
            cases.end(name, "failed", began, error=error)
        else:
            if isinstance(error, SystemExit):
                early = error
            cases.end(name, "errored", began, error=error)
    for suites, functions in plan:
        if suites:
            run_unittest(unittest, cases, suites)
        for name, call in functions:
            run_case(cases, name, call)
    shim = sys.modules.get("pytest")
    if shim is not None and hasattr(shim, "close_fixtures"):
        shim.close_fixtures()
    code = 0 if cases.passed and not cases.bad else 1
    changed = replaced(taken)
    if changed:
        code = 1
        report("error", code="tampered", message="the program replaced " + changed)
    elif cases.memory:
        report("error", code="memory", message="MemoryError in a test")
    elif early is not None:
        report("error", code="exited_early", message="the test file ended the program (SystemExit) before its end")
    elif cases.first_bad is not None and cases.first_bad != "exception":
        report("error", code=cases.first_bad, message="in a test")
    finish(code)
    return code
