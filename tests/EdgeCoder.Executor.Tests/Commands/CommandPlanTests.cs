using CsCheck;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>What the executor and the launcher tell each other about a command.</summary>
public sealed class CommandPlanTests
{
    private static CommandPlan Plan { get; } = new()
    {
        HostPid = 7,
        UserId = 65533,
        Network = true,
        Places =
        [
            new() { Kind = PlaceKind.Bind, Path = "/project/a b", Source = "/data/ü", IsDirectory = true, Writable = true, Owner = (0, 12) },
            new() { Kind = PlaceKind.FileSystem, Path = "/tmp", Source = "tmpfs", Options = ["size=1", "mode=1777"] },
            new() { Kind = PlaceKind.Text, Path = "/etc/hosts", Source = "one\ntwo\n" },
        ],
        Masks = ["/project/a b/.env"],
        WorkingDirectory = "/project",
        Programs = ["/bin/sh", "./relative"],
        Arguments = ["sh", "-c", ""],
        Environment = ["A=b=c"],
        Limits = [(ResourceLimit.Data, 1, ulong.MaxValue)],
        Filter = [1, 2, 3, 4, 5, 6, 7, 8],
        Landlock = new LandlockLayer { Files = LandlockAccess.ReadFile, Network = 0, Scopes = 3, Rules = [new("/", LandlockAccess.Execute)] },
    };

    [Fact]
    public void Plan_comes_back_as_it_was()
    {
        var bytes = CommandPlanFormat.Encode(Plan);
        Assert.True(CommandPlanFormat.IsOne(bytes));
        Assert.Equal(bytes, CommandPlanFormat.Encode(CommandPlanFormat.Decode(bytes)));
        Assert.Equivalent(Plan, CommandPlanFormat.Decode(bytes), strict: true);
    }

    [Fact]
    public void Cut_or_changed_plan_is_refused_or_another_plan_and_never_a_crash()
    {
        var bytes = CommandPlanFormat.Encode(Plan);
        Gen.Int[0, bytes.Length - 1].Sample(length => Assert.Throws<FormatException>(() => CommandPlanFormat.Decode(bytes.AsSpan(0, length))));
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            byte[] changed = [.. bytes];
            changed[at] = value;
            try
            {
                CommandPlanFormat.Decode(changed);
            }
            catch (FormatException)
            {
            }
        });
    }

    [Theory]
    [InlineData("/project/../etc")]
    [InlineData("/project//a")]
    [InlineData("project")]
    [InlineData("/project/.")]
    [InlineData("")]
    public void Path_that_could_leave_the_root_is_refused(string path)
    {
        Assert.Throws<FormatException>(() => CommandPlanFormat.Decode(CommandPlanFormat.Encode(Plan with { Masks = [path] })));
        Assert.Throws<FormatException>(() => CommandPlanFormat.Decode(CommandPlanFormat.Encode(Plan with { Places = [new() { Kind = PlaceKind.Directory, Path = path }] })));
    }

    [Fact]
    public void Plan_without_a_filter_or_a_program_is_refused()
    {
        Assert.Throws<FormatException>(() => CommandPlanFormat.Decode(CommandPlanFormat.Encode(Plan with { Filter = [] })));
        Assert.Throws<FormatException>(() => CommandPlanFormat.Decode(CommandPlanFormat.Encode(Plan with { Filter = [1, 2, 3] })));
        Assert.Throws<FormatException>(() => CommandPlanFormat.Decode(CommandPlanFormat.Encode(Plan with { Programs = [] })));
    }

    [Fact]
    public void Answer_is_read_as_far_as_it_has_come()
    {
        var text = CommandAnswer.First(12) + CommandAnswer.Ended(256) + CommandAnswer.Failed("two\nlines");
        Assert.Equal(new CommandAnswer { FirstPid = 12, Status = 256, Failure = "two lines" }, CommandAnswer.Read(text));
        Assert.Equal(new CommandAnswer { FirstPid = 12 }, CommandAnswer.Read(text[..^12]) with { Failure = null, Status = null });
        Assert.Equal(new CommandAnswer(), CommandAnswer.Read("pid 1"));
        Assert.Equal(new CommandAnswer { Refused = 2 }, CommandAnswer.Read("pid x\nnonsense\n" + CommandAnswer.NotExecuted(2)));
    }

    [Fact]
    public void Hard_limits_are_read()
    {
        var limits = HardLimits.Read("Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 4096                 files     \nMax data size             unlimited            unlimited            bytes     \nMax processes             10                   20                   processes \n");
        Assert.Equal([(ResourceLimit.Processes, 20UL), (ResourceLimit.OpenFiles, 4096UL)], limits.Select(one => (one.Key, one.Value)).Order());
    }
}
