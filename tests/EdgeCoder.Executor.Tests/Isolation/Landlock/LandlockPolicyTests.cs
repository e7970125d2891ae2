using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Landlock;

namespace EdgeCoder.Executor.Tests.Isolation.Landlock;

public sealed class LandlockPolicyTests
{
    private const LandlockAccess Writing =
        LandlockAccess.WriteFile | LandlockAccess.RemoveDirectory | LandlockAccess.RemoveFile | LandlockAccess.MakeDirectory | LandlockAccess.MakeFile | LandlockAccess.MakeLink
        | LandlockAccess.MakeSocket | LandlockAccess.MakePipe | LandlockAccess.MakeBlockDevice | LandlockAccess.MakeCharacterDevice | LandlockAccess.Refer | LandlockAccess.Truncate;

    private static readonly SandboxMount[] Mounts = [new("/usr/lib", MountKind.Directory), new("/usr/bin/python3", MountKind.File), new("/lib", MountKind.Link, "usr/lib")];

    public static TheoryData<int> Abis => [1, 2, 3, 4, 5, 6, 7];

    [Theory]
    [MemberData(nameof(Abis))]
    public void Only_the_scratch_directory_can_be_changed(int abi)
    {
        var layer = For(abi);

        Assert.All(layer.Rules, rule => Assert.True(rule.Path is "/scratch" || rule.Path.StartsWith("/dev/", StringComparison.Ordinal) || (rule.Access & Writing) == 0, rule.ToString()));
        Assert.DoesNotContain(layer.Rules, rule => rule.Path == "/scratch" && rule.Access.HasFlag(LandlockAccess.Execute));
    }

    [Theory]
    [MemberData(nameof(Abis))]
    public void Kernel_is_asked_for_nothing_that_it_does_not_know(int abi)
    {
        var layer = For(abi);
        ulong[] known = [0, 0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF]; // linux/landlock.h of the release that brought each ABI

        Assert.Equal(known[abi], (ulong)layer.Files);
        Assert.Equal(abi >= 4 ? 3u : 0u, layer.Network);
        Assert.Equal(abi >= 6 ? 3u : 0u, layer.Scopes);

        // A rule with an access that the ruleset does not handle is refused by the kernel.
        Assert.All(layer.Rules, rule => Assert.Equal(LandlockAccess.None, rule.Access & ~layer.Files));
    }

    [Fact]
    public void File_gets_no_right_that_only_a_directory_has() =>
        Assert.Equal(LandlockAccess.Execute | LandlockAccess.ReadFile, Assert.Single(For(7).Rules, rule => rule.Path == "/usr/bin/python3").Access);

    [Fact]
    public void Link_needs_no_rule() => Assert.DoesNotContain(For(7).Rules, rule => rule.Path == "/lib");

    [Theory]
    [InlineData(38, "the kernel has no Landlock", "CONFIG_SECURITY_LANDLOCK")]
    [InlineData(95, "not turned on", "lsm=")]
    [InlineData(1, "does not answer", null)]
    public void Missing_Landlock_is_explained(int error, string reason, string? remedy)
    {
        var support = LandlockSupport.Read(-1, error);

        Assert.Equal(0, support.Abi);
        Assert.Contains(reason, support.Reason, StringComparison.Ordinal);
        Assert.True(remedy is null ? support.Remedy is null : support.Remedy!.Contains(remedy, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(7, true)]
    public void Without_namespaces_it_must_know_truncation(int abi, bool enough)
    {
        Assert.Equal(enough, LandlockSupport.Read(abi, 0).RefusalAlone is null);
        Assert.Equal(enough, LandlockPolicy.Handled(abi).HasFlag(LandlockAccess.Truncate));
    }

    private static LandlockLayer For(int abi) => LandlockPolicy.For(abi, Mounts, ["/dev/null"], "/edgecoder", "/scratch");
}
