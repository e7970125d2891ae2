using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Verification;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>The self-test passes on what the launcher makes, and finds out each way in which a plan could be weaker than it should be.</summary>
public sealed class LauncherSelfTests
{
    private static readonly SandboxMount Settings = new("/etc", MountKind.Directory);

    private static readonly Dictionary<string, Func<LaunchPlan, LaunchPlan>> Weakenings = new(StringComparer.Ordinal)
    {
        ["settings of the machine"] = plan => plan with { Mounts = [.. plan.Mounts.Where(mount => !mount.Path.StartsWith("/etc/", StringComparison.Ordinal)), Settings], Landlock = Allowing(plan, "/etc", LandlockAccess.ReadFile) },
        ["programs of the machine"] = plan => plan with { Mounts = [.. plan.Mounts.Where(mount => !mount.Path.StartsWith("/usr/bin/", StringComparison.Ordinal)), new("/usr/bin", MountKind.Directory)], Landlock = Allowing(plan, "/usr/bin", LandlockAccess.ReadFile) },
        ["processes of the machine"] = plan => plan with { Mounts = [.. plan.Mounts, new("/proc", MountKind.Directory)], Landlock = Allowing(plan, "/proc", LandlockAccess.ReadDirectory | LandlockAccess.ReadFile) },
        ["no filter"] = plan => plan with { Filter = [], PidOffsets = [] },
        ["modes of files"] = plan => plan with { Filter = SeccompFilter.Encode(SeccompFilter.Build(MachineArchitectures.Current!.Value, SeccompPolicy.For(SeccompPolicy.UnknownPid))), PidOffsets = [] },
        ["a writable place"] = plan => plan with { Landlock = Allowing(plan, "/var/tmp", LandlockAccess.MakeFile | LandlockAccess.WriteFile | LandlockAccess.Truncate) },
        ["no limit of memory"] = plan => plan with { Limits = [.. plan.Limits.Where(limit => limit.Limit is not (ResourceLimit.Data or ResourceLimit.AddressSpace))] },
        ["more files"] = plan => plan with { ScratchFiles = 100_000 },
    };

    public static TheoryData<string, string, string, string> Faults => Environment.IsPrivilegedProcess ? FaultsForEverybody
        : [.. FaultsForEverybody, ("Landlock", "Python", "modes of files", "write outside"), ("Landlock", "JavaScript", "modes of files", "write outside")]; // whose files they are

    private static TheoryData<string, string, string, string> FaultsForEverybody => new()
    {
        { "Namespaces", "Python", "settings of the machine", "read outside" },
        { "Namespaces", "JavaScript", "settings of the machine", "read outside" },
        { "Landlock", "Python", "settings of the machine", "read outside" },
        { "Landlock", "JavaScript", "settings of the machine", "read outside" },
        { "Namespaces", "Python", "programs of the machine", "read outside" },
        { "Namespaces", "Python", "processes of the machine", "see other processes" },
        { "Landlock", "Python", "processes of the machine", "see other processes" },
        { "Landlock", "JavaScript", "processes of the machine", "see other processes" },
        { "Namespaces", "Python", "no filter", "start a process" },
        { "Landlock", "Python", "no filter", "start a process" },
        { "Landlock", "Python", "a writable place", "write outside" },
        { "Landlock", "JavaScript", "a writable place", "write outside" },
        { "Namespaces", "Python", "no limit of memory", "exceed memory" },
        { "Landlock", "Python", "no limit of memory", "exceed memory" },
        { "Namespaces", "Python", "more files", "exceed the number of files" },
    };

    [Theory]
    [MemberData(nameof(LauncherRunTests.Kinds), MemberType = typeof(LauncherRunTests))]
    public async Task Every_attempt_is_contained(string mode, string language)
    {
        var kind = await LauncherKind.FindAsync(mode, language);

        var (canaries, refusal) = await SelfTest.RunAsync(kind.Sandbox(), TestContext.Current.CancellationToken);

        Assert.True(refusal is null, refusal?.Message);
        Assert.All(canaries, canary => Assert.True(canary.Contained, $"{canary.Name}: {canary.Detail}"));
        Assert.True(canaries.Count > CanaryPrograms.Names.Count);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Weakened_plan_is_found_out(string mode, string language, string weakening, string canary)
    {
        var kind = await LauncherKind.FindAsync(mode, language);

        var (canaries, refusal) = await SelfTest.RunAsync(kind.Sandbox(Weakenings[weakening]), TestContext.Current.CancellationToken);

        foreach (var written in Directory.EnumerateFiles("/var/tmp", "edgecoder-canary-*-written"))
        {
            Remove(written);
        }

        Assert.NotNull(refusal);
        Assert.True(canaries.Any(one => one.Name == canary && !one.Contained), $"{refusal.Message}\n{string.Join('\n', canaries)}");
    }

    private static void Remove(string written)
    {
        try
        {
            File.Delete(written);
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's, whose own run removes it.
        }
    }

    private static LandlockLayer? Allowing(LaunchPlan plan, string path, LandlockAccess access) =>
        plan.Landlock is { } layer ? layer with { Rules = [.. layer.Rules, new LandlockRule(path, access)] } : null;
}
