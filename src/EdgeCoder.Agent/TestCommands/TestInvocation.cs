namespace EdgeCoder.Agent.TestCommands;

/// <summary>In which form a runner tells what its tests did.</summary>
internal enum TestReportForm
{
    /// <summary>Not at all: the exit code, and what its output looks like.</summary>
    None,

    /// <summary>JUnit's XML in files.</summary>
    Junit,

    /// <summary>Visual Studio's XML in files.</summary>
    Trx,

    /// <summary>A JSON object a line on standard output, as go writes them.</summary>
    GoJson,

    /// <summary>unittest's words on standard error.</summary>
    UnittestText,

    /// <summary>cargo's words on standard output.</summary>
    CargoText,

    /// <summary>Words of Microsoft's testing platform on standard output.</summary>
    PlatformText,
}

/// <summary>A test command with what makes it report, without touching the project.</summary>
/// <param name="Arguments">Argument vector.</param>
/// <param name="Form">Where the report is.</param>
/// <param name="ReportPattern">Which files hold it, below the report directory or, with <paramref name="InWorktree"/>, the worktree.</param>
/// <param name="InWorktree">Whether the runner writes its reports into the worktree and nowhere else.</param>
internal sealed record TestInvocation(IReadOnlyList<string> Arguments, TestReportForm Form, string ReportPattern, bool InWorktree = false)
{
    /// <summary>Adds it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="selection">Part of the tests; null: all.</param>
    /// <param name="reports">Directory for reports, as the command sees it. Its name cannot be guessed.</param>
    /// <param name="platform">Whether dotnet's project says that Microsoft's testing platform runs its tests.</param>
    /// <exception cref="Tools.ToolException">The selection is none.</exception>
    public static TestInvocation Of(TestCommand command, string? selection, string reports, bool platform)
    {
        var selected = selection is null ? [] : TestSelection.Arguments(command.Runner, selection);
        var words = command.Arguments;
        return command.Runner switch
        {
            TestRunner.Pytest => new([.. words, "-p", "no:cacheprovider", "-o", "junit_family=xunit1", $"--junitxml={reports}/report.xml", .. selected], TestReportForm.Junit, "report.xml"),
            TestRunner.Unittest => new([.. words, .. words.Contains("discover") || words.Count > 3 ? Array.Empty<string>() : ["discover"], "-v", .. selected], TestReportForm.UnittestText, ""),
            TestRunner.Node => new(
                [words[0], .. words.Skip(1).TakeWhile(word => word != "--test"), "--test", "--test-reporter=junit", $"--test-reporter-destination={reports}/report.xml", "--test-reporter=spec", "--test-reporter-destination=stdout",
                    .. selected.Where(word => word[0] == '-'), .. words.SkipWhile(word => word != "--test").Skip(1).Where(word => selected is not [[not '-', ..]] || word[0] == '-'), .. selected.Where(word => word[0] != '-')],
                TestReportForm.Junit, "report.xml"),
            TestRunner.Dotnet when platform => new([.. words, "--output", "Detailed", "--no-progress", "--no-ansi", .. selected], TestReportForm.PlatformText, ""),
            TestRunner.Dotnet => new([.. words, "--logger", "trx", "--results-directory", reports, .. selected], TestReportForm.Trx, "*.trx"),
            TestRunner.Go => new([words[0], words[1], "-json", .. selected, .. words.Skip(2)], TestReportForm.GoJson, ""),
            TestRunner.Cargo => new([.. words.TakeWhile(word => word != "--"), "--no-fail-fast", .. selected, .. words.SkipWhile(word => word != "--")], TestReportForm.CargoText, ""),
            TestRunner.Maven => new([.. words, .. selected], TestReportForm.Junit, "TEST-*.xml", InWorktree: true),
            TestRunner.Gradle => new([.. words, .. selected], TestReportForm.Junit, "TEST-*.xml", InWorktree: true),
            _ => new(words, TestReportForm.None, ""),
        };
    }
}
