using System.Text;
using System.Text.Json;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Fuzz.Targets;

/// <summary>
/// The verdict on whatever a process did: never throws, always gives a result that can be sent, with a reason of the closed set, and success only for what is one.
/// </summary>
/// <remarks>The first four bytes are the language, the end, the status and whether tests were given; then comes the report, and after a form feed what was written.</remarks>
internal sealed class RunVerdictTarget : FuzzTarget
{
    private const int Header = 4;
    private static readonly SandboxIdentity Sandbox = new() { Backend = "namespaces", Digest = new string('a', 64) };
    private static readonly HashSet<string> Codes = [.. RunReasons.All.Select(reason => reason.Code)];

    // A cancelled run has no verdict: its caller is told so before.
    private static readonly SandboxEnd[] Ends = [SandboxEnd.Finished, SandboxEnd.Finished, SandboxEnd.Finished, SandboxEnd.WallLimit, SandboxEnd.FuelLimit, SandboxEnd.OutputLimit, SandboxEnd.StartLimit, SandboxEnd.ScratchLimit, SandboxEnd.MemoryLimit];

    /// <inheritdoc/>
    public override string Name => "verdict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        [0, 0, 0, 1, .. Encoding.UTF8.GetBytes(FuzzTargets.PassingReport + "\foutput")],
        [1, 1, 137, 0, .. Encoding.UTF8.GetBytes($"ready\n{FuzzTargets.Key} start {{}}\n\fMemoryError")],
        [0, 0, 0, 0, .. Encoding.UTF8.GetBytes($"ready\n{FuzzTargets.Key} start {{}}\n{FuzzTargets.Key} end {{\"exit\":0}}\n")],
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words => [.. FuzzTargets.ReportWords, "\f"u8.ToArray(), "heap out of memory"u8.ToArray()];

    /// <inheritdoc/>
    public override void Check(byte[] input)
    {
        if (input.Length < Header)
        {
            return;
        }

        var cut = Array.IndexOf(input, (byte)'\f', Header);
        var outcome = new SandboxOutcome
        {
            End = Ends[input[1] % Ends.Length],
            Status = input[2],
            Stdout = Captured(input.AsSpan(cut < 0 ? input.Length : cut)),
            Stderr = Captured(input.AsSpan(cut < 0 ? input.Length : cut)),
            Report = Report(input[Header..(cut < 0 ? input.Length : cut)]),
            Startup = TimeSpan.FromMilliseconds(1),
            Program = TimeSpan.FromMilliseconds(input[0]),
            CpuMs = input[2] * 100,
            MemoryBytes = input[0] % 2 == 0 ? null : input[0] << 20,
        };
        var language = input[0] % 2 == 0 ? SnippetLanguage.Python : SnippetLanguage.JavaScript;
        Judge(language, testsGiven: input[3] % 2 == 1, outcome);
    }

    /// <summary>Judges an outcome and holds the result against the rules. Throws when one is broken.</summary>
    public static RunResult Judge(SnippetLanguage language, bool testsGiven, SandboxOutcome outcome)
    {
        var result = RunVerdict.Judge(language, LimitPlan.Read(language, new RequestedLimits()).Plan!, testsGiven, "solution.py", Sandbox, outcome);
        _ = JsonSerializer.SerializeToUtf8Bytes(result, ProtocolJson.Default.RunResult);
        Require(Codes.Contains(RunReasons.CodeOf(result)), "a reason outside the closed set: " + RunReasons.CodeOf(result));
        Require(result.Ok == result.QueueReason is null, "success with a reason, or failure without one");
        Require(result.Ok == (result.ExitCode == 0), "an exit code that says otherwise");
        Require(!result.Ok || MayPass(testsGiven, outcome), "success that is none");
        return result;
    }

    // Written from the contract, not from the code: what every success has.
    private static bool MayPass(bool testsGiven, SandboxOutcome outcome)
    {
        var records = outcome.Report.Records;
        var cases = records.Where(record => record.Kind == "case").Select(record => record.Text("status")).ToList();
        return outcome.End is not (SandboxEnd.WallLimit or SandboxEnd.FuelLimit or SandboxEnd.OutputLimit or SandboxEnd.ScratchLimit or SandboxEnd.MemoryLimit)
            && outcome.Stdout.Dropped + outcome.Stderr.Dropped == 0
            && records.Any(record => record.Kind == "start")
            && records[^1] is { Kind: "end" } end && end.Number("exit") == 0
            && records.All(record => record.Kind != "error" || record.Text("code") is null)
            && (!testsGiven || (cases.Contains("passed") && cases.All(status => status is "passed" or "skipped")
                && records.Last(record => record.Kind == "collected").Number("total") is { } total && total <= cases.Count));
    }

    private static OutputCapture Captured(ReadOnlySpan<byte> bytes)
    {
        var capture = new OutputCapture(64);
        capture.Add(bytes);
        return capture;
    }

    private static ReportChannel Report(byte[] bytes)
    {
        var channel = new ReportChannel(FuzzTargets.Key);
        channel.Add(bytes);
        return channel;
    }
}
