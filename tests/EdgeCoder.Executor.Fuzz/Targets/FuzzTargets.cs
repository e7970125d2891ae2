using System.Text;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    /// <summary>Key of the report channel in every input.</summary>
    public const string Key = "0123456789abcdef0123456789abcdef";

    /// <summary>The targets.</summary>
    public static IReadOnlyList<FuzzTarget> All => field ??= [new ReportChannelTarget(), new LauncherAnswerTarget(), new JobFrameTarget(), new LaunchPlanTarget(), new RunVerdictTarget()];

    /// <summary>A whole report of a passing test run.</summary>
    public static string PassingReport { get; } =
        $"ready\n{Key} start {{}}\n{Key} collected {{\"total\":1,\"framework\":\"pytest\"}}\n{Key} case {{\"name\":\"a\",\"status\":\"passed\",\"durationMs\":0.5}}\n{Key} end {{\"exit\":0}}\n";

    /// <summary>Pieces of reports.</summary>
    public static IReadOnlyList<byte[]> ReportWords { get; } =
    [
        .. ((string[])
        [
            "ready\n", $"\n{Key} ", $"{Key} case {{\"name\":\"b\",\"status\":\"passed\"}}\n", $"{Key} case {{\"status\":\"failed\"}}\n", $"{Key} error {{\"code\":\"memory\"}}\n",
            $"{Key} error {{\"code\":\"exception\",\"message\":\"\\ud800\",\"line\":1e999}}\n", $"{Key} end {{\"exit\":1}}\n", $"{Key} end {{\"exit\":0}}\n", $"{Key} refused {{\"rule\":\"x\"}}\n", $"{Key} syntax {{}}\n",
            "{\"exit\":0}", "\"\\udc00\"", "{\"\\ud83d\":1}", "1e308", "-1", "2147483648", "null", "true", "[[[[", "\"total\":", "\"status\":\"passed\"", "\0", "\r\n", " ",
        ]).Select(Encoding.UTF8.GetBytes),
    ];
}
