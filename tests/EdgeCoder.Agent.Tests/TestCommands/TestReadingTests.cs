using System.Text;
using EdgeCoder.Agent.TestCommands;
using EdgeCoder.Agent.TestCommands.Reports;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Runs;
using Xunit;

namespace EdgeCoder.Agent.Tests.TestCommands;

/// <summary>What runners tell, and what is made of it (failure mode L1).</summary>
public sealed class TestReadingTests
{
    private const string Pytest = """
        <?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="4" time="0.05">
        <testcase classname="tests.test_a" name="test_good" file="tests/test_a.py" line="1" time="0.001" />
        <testcase classname="tests.test_a.TestB" name="test_bad[1]" file="tests/test_a.py" line="4" time="0.002"><failure message="assert 3 == 4&#10; +  where 3 = f()">self = x

        &gt;       assert f() == 4
        E       assert 3 == 4
        E        +  where 3 = f()

        tests/test_a.py:5: AssertionError</failure></testcase>
        <testcase classname="tests.test_a" name="test_later" file="tests/test_a.py" time="0"><skipped type="pytest.skip" message="later">x</skipped></testcase>
        <testcase classname="" name="tests.test_broken" time="0.000"><error message="collection failure">ImportError: No module named 'x'</error></testcase>
        </testsuite></testsuites>
        """;

    /// <summary>What cargo 1.95 wrote for a library with these three tests.</summary>
    [Fact]
    public void Cargo_tells_each_test()
    {
        const string Recorded = """

            running 3 tests
            test tests::good ... ok
            test tests::later ... ignored
            test tests::bad ... FAILED

            failures:

            ---- tests::bad stdout ----

            thread 'tests::bad' (24590) panicked at src/lib.rs:6:13:
            assertion `left == right` failed
              left: 3
             right: 4
            note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


            failures:
                tests::bad

            test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.25s

            """;

        var report = Read(TestRunner.Cargo, TestReportForm.CargoText, code: 101, stdout: Recorded.ReplaceLineEndings("\n"));

        Assert.Equal([("tests::bad", TestStatus.Failed), ("tests::good", TestStatus.Passed), ("tests::later", TestStatus.Skipped)], report.Cases.Select(one => (one.Name, one.Status)).Order());
        Assert.Equal(("4", "3"), report.Cases.Where(one => one.Status == TestStatus.Failed).Select(one => (one.Expected, one.Actual)).Single());
        Assert.True(report.Complete);
    }

    [Fact]
    public void Pytest_names_can_be_run_again()
    {
        var report = Read(TestRunner.Pytest, TestReportForm.Junit, code: 1, files: [Pytest]);
        Assert.Equal(
            [("tests.test_broken", TestStatus.Errored), ("tests/test_a.py::TestB::test_bad[1]", TestStatus.Failed), ("tests/test_a.py::test_good", TestStatus.Passed), ("tests/test_a.py::test_later", TestStatus.Skipped)],
            report.Cases.Select(one => (one.Name, one.Status)).Order());
        Assert.Equal(("4", "3"), report.Cases.Where(one => one.Status == TestStatus.Failed).Select(one => (one.Expected, one.Actual)).Single());
        Assert.Equal((4, 1, 1, 1, 1, true, false), (report.Total, report.Passed, report.Failed, report.Skipped, report.Errored, report.Complete, report.IsPass));
        Assert.Equal(1, report.Cases.Single(one => one.Status == TestStatus.Passed).DurationMs);
    }

    [Fact]
    public void Trx_is_read()
    {
        const string Trx = """
            <?xml version="1.0"?><TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
            <UnitTestResult testName="A.Good" duration="00:00:00.0120000" outcome="Passed" />
            <UnitTestResult testName="A.Bad" duration="00:00:00.001" outcome="Failed"><Output><ErrorInfo><Message>Assert.Equal() Failure: Values differ
            Expected: 4
            Actual:   3</Message><StackTrace>at A.Bad()</StackTrace></ErrorInfo></Output></UnitTestResult>
            <UnitTestResult testName="A.Later" outcome="NotExecuted" /></Results><ResultSummary outcome="Failed"><Counters total="3"/></ResultSummary></TestRun>
            """;
        var report = Read(TestRunner.Dotnet, TestReportForm.Trx, code: 1, files: [Trx]);
        Assert.Equal((1, 1, 1, true), (report.Passed, report.Failed, report.Skipped, report.Complete));
        Assert.Equal(("4", "3"), report.Cases.Where(one => one.Name == "A.Bad").Select(one => (one.Expected, one.Actual)).Single());
        Assert.Equal(12, report.Cases[0].DurationMs);
        Assert.False(Read(TestRunner.Dotnet, TestReportForm.Trx, code: 0, files: [Trx.Replace("outcome=\"Failed\"><Counters", "outcome=\"Aborted\"><Counters", StringComparison.Ordinal)]).Complete);
    }

    [Fact]
    public void Go_is_read()
    {
        const string Events = """
            {"Action":"start","Package":"m/a"}
            {"Action":"run","Package":"m/a","Test":"TestGood"}
            {"Action":"pass","Package":"m/a","Test":"TestGood","Elapsed":0.01}
            {"Action":"run","Package":"m/a","Test":"TestBad"}
            {"Action":"output","Package":"m/a","Test":"TestBad","Output":"    a_test.go:9: got 3, want 4\n"}
            {"Action":"fail","Package":"m/a","Test":"TestBad","Elapsed":0}
            {"Action":"fail","Package":"m/a","Elapsed":0.1}
            {"ImportPath":"m/b","Action":"build-output","Output":"b.go:3: undefined: x\n"}
            {"ImportPath":"m/b","Action":"build-fail"}
            """;
        var report = Read(TestRunner.Go, TestReportForm.GoJson, code: 1, stdout: Events);
        Assert.Equal([("m/a.TestBad", TestStatus.Failed), ("m/a.TestGood", TestStatus.Passed), ("m/b", TestStatus.Errored)], report.Cases.Select(one => (one.Name, one.Status)).Order());
        Assert.Equal(("4", "3"), report.Cases.Where(one => one.Name == "m/a.TestBad").Select(one => (one.Expected, one.Actual)).Single());
        Assert.True(report.Complete);
        Assert.False(Read(TestRunner.Go, TestReportForm.GoJson, code: 0, stdout: Events.Split("{\"Action\":\"pass\"")[0]).Complete);
    }

    [Fact]
    public void Testing_platform_is_read()
    {
        const string Words = """
            passed A.Good (12ms)
            failed A.Bad(x: 1) (3ms)
              Assert.Equal() Failure: Values differ
            Expected: 4
            Actual:   3
              from /project/sample/bin/A.Tests.dll (net10.0|x64)
            skipped A.Later
              x
            /project/sample/bin/A.Tests.dll (net10.0|x64) failed with 1 error(s) (294ms)
            Exit code: 2

            Test run summary: Failed!
              total: 3
              failed: 1
            """;
        var report = Read(TestRunner.Dotnet, TestReportForm.PlatformText, code: 2, stdout: Words);
        Assert.Equal([("A.Bad(x: 1)", TestStatus.Failed), ("A.Good", TestStatus.Passed), ("A.Later", TestStatus.Skipped)], report.Cases.Select(one => (one.Name, one.Status)).Order());
        Assert.Equal(("4", "3"), report.Cases.Where(one => one.Status == TestStatus.Failed).Select(one => (one.Expected, one.Actual)).Single());
        Assert.True(report.Complete);
    }

    [Theory]
    [InlineData("Tests:       1 failed, 1 skipped, 3 passed, 5 total", 1, false)]
    [InlineData("Tests:       3 passed, 3 total", 0, true)]
    [InlineData(" Tests  2 passed (2)", 0, true)]
    [InlineData("  3 passing (9ms)\n  1 failing", 1, false)]
    [InlineData("5 examples, 1 failure", 1, false)]
    [InlineData("  0 passing", 0, false)]
    public void Counts_at_the_end_are_read_where_nothing_better_is_told(string text, int code, bool pass) =>
        Assert.Equal(pass, Read(TestRunner.Other, TestReportForm.None, code, stdout: text).IsPass);

    [Fact]
    public void One_more_passing_test_breaks_nothing_where_only_counts_are_told()
    {
        var before = Read(TestRunner.Other, TestReportForm.None, 1, stdout: "Tests: 1 failed, 3 passed, 4 total");
        var after = Read(TestRunner.Other, TestReportForm.None, 0, stdout: "Tests: 4 passed, 4 total");
        Assert.True(TestComparison.Of(before, after).NothingBroken);
        Assert.False(TestComparison.Of(after, Read(TestRunner.Other, TestReportForm.None, 0, stdout: "Tests: 3 passed, 3 total")).NothingBroken);
    }

    [Fact]
    public void What_does_not_come_to_its_end_is_no_pass()
    {
        var good = Pytest[..Pytest.IndexOf("<testcase classname=\"tests.test_a.TestB\"", StringComparison.Ordinal)] + "</testsuite></testsuites>";
        Assert.True(Read(TestRunner.Pytest, TestReportForm.Junit, code: 0, files: [good]).IsPass);

        // One thing is wrong in each.
        TestReport[] wrong =
        [
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 0, files: []),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 0, files: [good[..^5]]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 0, files: ["<!DOCTYPE a [<!ENTITY x \"y\">]>" + good[good.IndexOf("<testsuites", StringComparison.Ordinal)..]]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 0, files: ["<html/>"]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 0, files: ["<testsuites></testsuites>"]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 1, files: [good]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 124, end: CommandEnd.TimedOut, files: [good]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 139, end: CommandEnd.Signalled, files: [good]),
            Read(TestRunner.Pytest, TestReportForm.Junit, code: 127, end: CommandEnd.NotStarted),
            Read(TestRunner.Unittest, TestReportForm.UnittestText, code: 0, stdout: "test_a (a.A.test_a) ... ok\n"),
            Read(TestRunner.Cargo, TestReportForm.CargoText, code: 0, stdout: "running 1 test\ntest a ... ok\n"),
            Read(TestRunner.Go, TestReportForm.GoJson, code: 0, stdout: ""),
        ];
        Assert.All(wrong, report => Assert.False(report.IsPass));
    }

    [Fact]
    public void Hostile_report_is_bounded()
    {
        var xml = new StringBuilder("<testsuites>");
        for (var i = 0; i < 30_000; i++)
        {
            xml.Append(null, $"<testcase name=\"t{i}\"><failure message=\"{new string('x', 100)}\"/></testcase>");
        }

        var report = Read(TestRunner.Pytest, TestReportForm.Junit, code: 1, files: [xml.Append("</testsuites>").ToString()]);
        Assert.Equal((30_000, 20_000, 500), (report.Total, report.Cases.Count, report.Cases.Count(one => one.Message is not null)));
    }

    private static TestReport Read(TestRunner runner, TestReportForm form, int code, string stdout = "", CommandEnd end = CommandEnd.Exited, IReadOnlyList<string>? files = null) => TestReading.Read(
        new TestCommand { Runner = runner, Arguments = ["run"], Reason = "" },
        form,
        new CommandOutcome { End = end, ExitCode = code, Stdout = new(Encoding.UTF8.GetBytes(stdout), [], 0), Stderr = CommandText.Empty, Duration = TimeSpan.FromSeconds(1) },
        files ?? []);
}
