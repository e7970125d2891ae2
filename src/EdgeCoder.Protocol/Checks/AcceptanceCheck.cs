using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Checks;

/// <summary>How a check tells what it ran.</summary>
[JsonConverter(typeof(SnakeCaseEnum<CheckReport>))]
public enum CheckReport
{
    /// <summary>EdgeCoder's own runner, over its own channel. The only one of a <c>micro_loop</c>.</summary>
    Runner,

    /// <summary>A Visual Studio test result file.</summary>
    Trx,

    /// <summary>A JUnit XML file.</summary>
    Junit,

    /// <summary>Test Anything Protocol on standard output.</summary>
    Tap,

    /// <summary>Only the exit code.</summary>
    None,
}

/// <summary>A file that a check names by content.</summary>
/// <param name="Path">Relative, with slashes.</param>
/// <param name="Sha256">SHA-256 of its bytes, 64 lower-case hex digits; a blob.</param>
public sealed record CheckFile(string Path, string Sha256);

/// <summary>What makes a check pass.</summary>
public sealed record CheckExpectation
{
    /// <summary>Exit code of the command. Default 0.</summary>
    public int ExitCode { get; init; }
}

/// <summary>
/// What decides whether a result counts (coordinator-and-mesh 5.1). Its digest, hex SHA-256 of its RFC 8785 form, is fixed before the first lease.
/// </summary>
public sealed record AcceptanceCheck
{
    /// <summary>Version, 1.</summary>
    public int V { get; set; } = 1;

    /// <summary>Argument vector. For <see cref="CheckReport.Runner"/> of a snippet it is exactly <c>["runner"]</c>.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Container image; refused where no container back-end runs.</summary>
    public string? Image { get; init; }

    /// <summary>Working directory below the snapshot's root. Default: the root.</summary>
    public string? Workdir { get; init; }

    /// <summary>Wall time of one run, in milliseconds, 1,000 to 600,000.</summary>
    public required int TimeoutMs { get; init; }

    /// <summary>Added to the clean environment.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>Where the counts come from.</summary>
    public required CheckReport Report { get; init; }

    /// <summary>What passes.</summary>
    public CheckExpectation Expected { get; set => field = value ?? new(); } = new();

    /// <summary>Fewest tests that must have run.</summary>
    public int? MinTests { get; init; }

    /// <summary>Files that the check brings: the tests of a snippet. Workers see them.</summary>
    public IReadOnlyList<CheckFile>? Files { get; init; }

    /// <summary>Files of the snapshot that a result may not change.</summary>
    public IReadOnlyList<CheckFile> ProtectedFiles { get; set => field = value ?? []; } = [];

    /// <summary>Hidden tests: their bytes go to verifiers and auditors only.</summary>
    public IReadOnlyList<CheckFile>? Overlay { get; init; }

    /// <summary>Whether a check that already passes on the untouched snapshot is taken.</summary>
    public bool AllowPassingBaseline { get; init; }
}
