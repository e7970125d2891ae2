namespace EdgeCoder.Agent.Rechecks;

/// <summary>
/// Python's unittest tells its results only in words on standard error, which the code under test can print as well. This runs the same tests and writes
/// JUnit's XML to a file whose name the words do not reach.
/// </summary>
internal static class UnittestReporter
{
    /// <summary>Name of the script in the directory for reports.</summary>
    public const string File = "run_unittest.py";

    /// <summary>Name of the report beside it.</summary>
    public const string Report = "report.xml";

    /// <summary>The script: report, then unittest's own arguments.</summary>
    public const string Script =
        """
        import os, sys, unittest
        from xml.sax.saxutils import quoteattr

        report = sys.argv[1]
        sys.path[0] = os.getcwd()
        cases = []

        class Recording(unittest.TextTestResult):
            def addSuccess(self, test):
                super().addSuccess(test)
                cases.append((test.id(), None, ""))

            def addFailure(self, test, err):
                super().addFailure(test, err)
                cases.append((test.id(), "failure", self._exc_info_to_string(err, test)))

            def addError(self, test, err):
                super().addError(test, err)
                cases.append((test.id(), "error", self._exc_info_to_string(err, test)))

            def addSkip(self, test, reason):
                super().addSkip(test, reason)
                cases.append((test.id(), "skipped", reason))

            def addExpectedFailure(self, test, err):
                super().addExpectedFailure(test, err)
                cases.append((test.id(), None, ""))

            def addUnexpectedSuccess(self, test):
                super().addUnexpectedSuccess(test)
                cases.append((test.id(), "failure", "unexpected success"))

            def addSubTest(self, test, subtest, err):
                super().addSubTest(test, subtest, err)
                if err is not None:
                    cases.append((test.id(), "failure", self._exc_info_to_string(err, test)))

        def clean(text):
            return "".join(c if c in "\t\n" or 32 <= ord(c) < 0xd800 else "?" for c in str(text)[:4000])

        program = unittest.main(module=None, argv=["python -m unittest"] + sys.argv[2:], testRunner=unittest.TextTestRunner(verbosity=2, resultclass=Recording), exit=False)
        with open(report, "w", encoding="utf-8") as out:
            out.write("<testsuites>")
            for name, kind, message in cases:
                out.write("<testcase name=%s>" % quoteattr(clean(name)))
                if kind:
                    out.write("<%s message=%s/>" % (kind, quoteattr(clean(message))))
                out.write("</testcase>")
            out.write("</testsuites>")
        sys.exit(0 if program.result.wasSuccessful() else 1)
        """;
}
