using System.Security.Cryptography;
using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Agent.TestCommands;
using EdgeCoder.Agent.TestCommands.Reports;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>A snapshot, a patch and a check, put together anew for each run (coordinator-and-mesh 5.2).</summary>
internal sealed class RepositorySite : ICheckSite
{
    private const string Top = "/project";
    private const int LargestReport = 64 << 20;
    private const int OutputBytes = 8 << 20;

    /// <summary>Variable that names the directory for reports, for commands that no known runner is behind; JUnit's <c>*.xml</c> or <c>*.trx</c> in it are read.</summary>
    public const string ReportVariable = "EDGECODER_REPORT_DIR";

    /// <summary>Isolation for the command.</summary>
    public required IProjectSandbox Sandbox { get; init; }

    /// <summary>The frozen bytes.</summary>
    public required FrozenBlobs Blobs { get; init; }

    /// <summary>Directory for the trees; each is removed after its run.</summary>
    public required string Scratch { get; init; }

    /// <summary>Snapshot blob.</summary>
    public required string SnapshotDigest { get; init; }

    /// <summary>The check.</summary>
    public required AcceptanceCheck Check { get; init; }

    /// <summary>The patch; empty for a baseline.</summary>
    public ReadOnlyMemory<byte> Patch { get; init; }

    /// <inheritdoc/>
    public async Task<CheckRun> RunAsync(int fewest, CancellationToken cancellationToken)
    {
        var place = Directory.CreateDirectory(Path.Combine(Scratch, "verify-" + RandomNumberGenerator.GetHexString(16, lowercase: true))).FullName;
        try
        {
            var tree = Path.Combine(place, "tree");
            Prepare(tree, cancellationToken);
            return await RunAsync(place, tree, fewest, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ReportFiles.Remove(place);
        }
    }

    /// <summary>
    /// 1. clean snapshot; 2. the patch, exactly, no path that escapes; 3. no protected path changed; 4. the check's own files, by hash.
    /// </summary>
    private void Prepare(string tree, CancellationToken cancellationToken)
    {
        // 1.
        using (var blob = Blobs.Open(SnapshotDigest) ?? throw SiteFaultException.Missing("The snapshot is not here."))
        {
            try
            {
                SnapshotArchive.Unpack(blob, tree, SnapshotDigest, null, cancellationToken);
            }
            catch (SnapshotException fault)
            {
                throw SiteFaultException.Missing(fault.Message);
            }
        }

        // 2.
        var outcome = SnapshotPatch.Apply(Patch, tree);
        if (outcome.Fault is { } refused)
        {
            throw SiteFaultException.Rejected(refused.Kind == PatchFaultKind.PathEscape ? VerdictReasons.PathEscape : VerdictReasons.PatchDoesNotApply, refused.Detail);
        }

        // 3.
        var touched = outcome.Touched.Select(SnapshotPath.Fold).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Check.ProtectedFiles.Concat(Check.Files ?? []))
        {
            if (touched.Contains(SnapshotPath.Fold(file.Path)) && CheckFiles.Digest(tree, file.Path) != file.Sha256)
            {
                throw SiteFaultException.Rejected(VerdictReasons.ProtectedFileChanged, $"The patch changes {file.Path}, which belongs to the check.");
            }
        }

        // 4.
        foreach (var file in Check.ProtectedFiles.Where(file => CheckFiles.Digest(tree, file.Path) != file.Sha256).Concat(Check.Files ?? []).Concat(Check.Overlay ?? []))
        {
            var bytes = Blobs.Read(file.Sha256, LargestReport) ?? throw SiteFaultException.Missing($"The file {file.Path} of the check is not here, or is not what its hash says.");
            if (!CheckFiles.Restore(tree, file.Path, bytes))
            {
                throw SiteFaultException.Rejected(VerdictReasons.ProtectedFileChanged, $"The patch leaves no place for {file.Path}, which belongs to the check.");
            }
        }
    }

    private async Task<CheckRun> RunAsync(string place, string tree, int fewest, CancellationToken cancellationToken)
    {
        // A name that cannot be guessed: what the code under test finds out by itself it can write to, what it cannot it must leave alone.
        var name = "reports-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        var reports = Directory.CreateDirectory(Path.Combine(place, name)).FullName;
        var target = "/run/" + name;
        var (command, invocation) = Invocation(reports, target);
        var environment = new Dictionary<string, string>(Check.Env ?? new Dictionary<string, string>()) { ["PYTHONDONTWRITEBYTECODE"] = "1" };
        if (Check.Report is CheckReport.Junit or CheckReport.Trx && command.Runner == TestRunner.Other)
        {
            environment[ReportVariable] = target;
        }

        var outcome = await Sandbox.RunAsync(
            new ProjectCommand
            {
                Arguments = invocation.Arguments,
                WorkingDirectory = Check.Workdir is null or "" or "." ? Top : $"{Top}/{Check.Workdir}",
                Mounts = [new(tree, Top, Writable: true), new(reports, target, Writable: true), new(Directory.CreateDirectory(Path.Combine(place, "cache")).FullName, "/home/sandbox/.cache", Writable: true)],
                Environment = environment,
                Limits = new CommandLimits { Time = TimeSpan.FromMilliseconds(Check.TimeoutMs), OutputBytes = OutputBytes },
            },
            cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return CheckJudgement.OfCommand(outcome, Check.Report == CheckReport.None ? null : Read(command, invocation, outcome, reports), Check, fewest);
    }

    private (TestCommand Command, TestInvocation Invocation) Invocation(string reports, string target)
    {
        var command = new TestCommand { Runner = Check.Report is CheckReport.None or CheckReport.Tap ? TestRunner.Other : TestRunners.Of(Check.Command), Arguments = Check.Command, Reason = "acceptance check" };
        if (command.Runner == TestRunner.Unittest)
        {
            File.WriteAllText(Path.Combine(reports, UnittestReporter.File), UnittestReporter.Script);
            var rest = Check.Command.Skip(1).SkipWhile(word => word != "-m").Skip(2);
            return (command, new([Check.Command[0], $"{target}/{UnittestReporter.File}", $"{target}/{UnittestReporter.Report}", .. rest], TestReportForm.Junit, UnittestReporter.Report));
        }

        var invocation = TestInvocation.Of(command, null, target, platform: false);
        return (command, command.Runner != TestRunner.Other ? invocation : Check.Report switch
        {
            CheckReport.Junit => invocation with { Form = TestReportForm.Junit, ReportPattern = "*.xml" },
            CheckReport.Trx => invocation with { Form = TestReportForm.Trx, ReportPattern = "*.trx" },
            _ => invocation,
        });
    }

    private TestReport? Read(TestCommand command, TestInvocation invocation, CommandOutcome outcome, string reports)
    {
        // The reading takes 0 for good; which code is good is the check's to say.
        var told = outcome with { ExitCode = outcome.ExitCode == Check.Expected.ExitCode ? 0 : Math.Max(1, outcome.ExitCode) };
        if (Check.Report == CheckReport.Tap)
        {
            return TapReport.IsOne(outcome.Stdout.ToString()) ? TestReading.Read(command, TestReportForm.None, told, []) : null;
        }

        return TestReading.Read(command, invocation.Form, told, ReportFiles.In(reports, invocation.ReportPattern.Length == 0 ? "*" : invocation.ReportPattern, LargestReport));
    }
}
