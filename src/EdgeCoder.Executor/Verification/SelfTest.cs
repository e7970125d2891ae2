using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Verification;

/// <summary>
/// Proves on this machine that the sandbox contains what it must: a program inside tries, and the host looks whether anything arrived.
/// One attempt that succeeds, or that was not told, disqualifies the back-end.
/// </summary>
internal static class SelfTest
{
    private static readonly TimeSpan CanaryLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan KillLimit = TimeSpan.FromMilliseconds(50);

    private const string AllowedEnvironment = "HOME LANG LC_ALL LC_CTYPE MALLOC_ARENA_MAX NO_COLOR OPENSSL_CONF PATH PYTHONHASHSEED PYTHONUTF8 TMPDIR TZ UV_THREADPOOL_SIZE UV_USE_IO_URING SYSTEMROOT SystemRoot TEMP TMP USERPROFILE";

    /// <summary>Runs the canaries. The refusal is null when all were contained.</summary>
    public static async Task<(IReadOnlyList<CanaryReport> Canaries, SandboxRefusal? Refusal)> RunAsync(ISandbox sandbox, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-canary-");
        try
        {
            return await RunInAsync(sandbox, directory.FullName, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<(IReadOnlyList<CanaryReport> Canaries, SandboxRefusal? Refusal)> RunInAsync(ISandbox sandbox, string directory, CancellationToken cancellationToken)
    {
        // 1. What a leak would reach: a file and sockets that everybody may use, whoever the sandbox is outside.
        OpenToEverybody(directory);
        var secret = RandomNumberGenerator.GetHexString(32);
        await File.WriteAllTextAsync(Path.Combine(directory, "secret"), secret, cancellationToken).ConfigureAwait(false);
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen();
        using var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(directory, "socket");
        unix.Bind(new UnixDomainSocketEndPoint(path));
        OpenToEverybody(path);
        unix.Listen();

        // 2. One program tries everything.
        var port = ((IPEndPoint)tcp.LocalEndPoint!).Port;
        var outcome = await RunProgramAsync(sandbox, Program(sandbox), $"{directory}\n{port}\n{path}\n{(sandbox.Identity.Backend == "namespaces" ? "own" : "shared")}\n", CanaryLimit, cancellationToken).ConfigureAwait(false);
        if (!outcome.Report.Started)
        {
            return ([], StartFailure(sandbox, outcome));
        }

        var reports = Read(sandbox.Language, outcome, secret);
        reports.Add(Host(sandbox, "nothing arrived at the host", !tcp.Poll(0, SelectMode.SelectRead) && !unix.Poll(0, SelectMode.SelectRead) && !File.Exists(Path.Combine(directory, Path.GetFileName(directory) + "-written")), "no connection, no file"));

        // 3. A program that will not end is ended, and takes nothing with it.
        var endless = await RunProgramAsync(sandbox, Endless(sandbox), "", KillLimit, cancellationToken).ConfigureAwait(false);
        reports.Add(Host(sandbox, "outlive the deadline", endless.End == SandboxEnd.WallLimit, $"ended {endless.End}"));

        var escaped = reports.Find(report => !report.Contained);
        return (reports, escaped is null ? null : new SandboxRefusal($"the self-test of the sandbox failed: '{escaped.Name}' was not contained ({escaped.Detail})", null));
    }

    private static List<CanaryReport> Read(SnippetLanguage language, SandboxOutcome outcome, string secret)
    {
        var text = outcome.Stdout.Text();
        var told = text.Split('\n').Select(line => line.Split('|', 3)).Where(parts => parts.Length == 3).ToLookup(parts => parts[0], StringComparer.Ordinal);
        var reports = CanaryPrograms.Names.Select(name => told[name].FirstOrDefault() switch
        {
            _ when CanaryPrograms.OnScratch.Contains(name) && outcome.End == SandboxEnd.ScratchLimit => new CanaryReport(language, name, true, "ended by the host"),
            null => new CanaryReport(language, name, false, $"not told: {outcome.Stderr.Text().Trim()}"),
            [_, "told", var names] => new CanaryReport(language, name, names.Split(' ').Except(AllowedEnvironment.Split(' ')).All(string.IsNullOrEmpty), names),
            [_, var contained, var detail] => new CanaryReport(language, name, contained == "yes", detail),
            _ => new CanaryReport(language, name, false, "not understood"),
        }).ToList();
        reports.Add(new CanaryReport(language, "secret", !text.Contains(secret, StringComparison.Ordinal), "not in the output"));
        return reports;
    }

    private static CanaryReport Host(ISandbox sandbox, string name, bool contained, string detail) => new(sandbox.Language, name, contained, detail);

    private static async Task<SandboxOutcome> RunProgramAsync(ISandbox sandbox, string program, string stdin, TimeSpan wall, CancellationToken cancellationToken)
    {
        var language = sandbox.Language;
        var limits = LimitPlan.Read(language, new RequestedLimits()).Plan!;
        var key = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var request = new RunRequest { Language = language, Files = [new(language == SnippetLanguage.Python ? "canary.py" : "canary.js", program)] };
        var frame = SnippetFrame.Build(request, key, subset: false, limits, canary: false).Frame ?? throw new InvalidOperationException("The canary program cannot be read.");
        var job = new SandboxJob { Limits = limits with { Time = wall }, Frame = frame, Key = key, Stdin = Encoding.UTF8.GetBytes(stdin) };
        return await sandbox.RunAsync(job, cancellationToken).ConfigureAwait(false);
    }

    private static SandboxRefusal StartFailure(ISandbox sandbox, SandboxOutcome outcome)
    {
        var limits = LimitPlan.Read(sandbox.Language, new RequestedLimits()).Plan!;
        var result = RunVerdict.Judge(sandbox.Language, limits, false, "canary", sandbox.Identity, outcome);
        return new SandboxRefusal($"the sandbox does not work here: {result.Detail?.Message}", NamespaceDiagnosis.Remedy(result.Detail?.Message ?? "", NamespaceSettings.Read()));
    }

    private static string Program(ISandbox sandbox) => sandbox.Language == SnippetLanguage.Python ? CanaryPrograms.Python : CanaryPrograms.JavaScript;

    private static string Endless(ISandbox sandbox) => sandbox.Language == SnippetLanguage.Python
        ? "import signal\nfor number in (1, 2, 3, 14, 15, 24):\n    signal.signal(number, signal.SIG_IGN)\nwhile True:\n    pass\n"
        : "for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGXCPU']) process.on(name, () => {});\nfor (;;);\n";

    private static void OpenToEverybody(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
        }
    }
}
