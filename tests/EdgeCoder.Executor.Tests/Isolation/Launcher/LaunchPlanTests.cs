using System.Text;
using CsCheck;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

public sealed class LaunchPlanTests
{
    private static readonly Gen<string> Texts = Gen.String[Gen.Char.AlphaNumeric, 0, 20].Select(text => text + "ä€");
    private static readonly Gen<string> Paths = Gen.String[Gen.Char.AlphaNumeric, 1, 8].Array[1, 4].Select(parts => "/" + string.Join('/', parts));

    private static readonly Gen<LandlockLayer> Layers =
        from files in Gen.ULong
        from network in Gen.ULong
        from scopes in Gen.ULong
        from rules in Gen.Select(Paths, Gen.ULong, (path, access) => new LandlockRule(path, (LandlockAccess)access)).Array[0, 4]
        select new LandlockLayer { Files = (LandlockAccess)files, Network = network, Scopes = scopes, Rules = rules };

    private static readonly Gen<LaunchPlan> Plans =
        from pid in Gen.Int[1, 1 << 22]
        from mode in Gen.Enum<LaunchMode>()
        from zygote in Gen.Bool
        from user in Gen.UInt[1, int.MaxValue].Nullable()
        from mounts in Gen.Select(Paths, Gen.Enum<MountKind>(), Texts, (path, kind, target) => new SandboxMount(path, kind, target)).Array[0, 4]
        from devices in Paths.Array[0, 3]
        from files in Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 8], Gen.Byte.Array[0, 50]).Array[0, 3]
        from texts in Texts.Array[0, 4].Array[2]
        from program in Paths
        from scratch in Gen.Select(Gen.Int[1, int.MaxValue], Gen.Int[1, int.MaxValue])
        from limits in Gen.Select(Gen.Enum<ResourceLimit>(), Gen.ULong, Gen.ULong).Array[0, 4]
        from filter in Gen.Byte.Array[8].Array[1, 5]
        from offsets in Gen.Int[0, 4].Array[0, 3]
        from landlock in Layers.Null()
        select new LaunchPlan
        {
            HostPid = pid,
            Mode = mode,
            Zygote = zygote,
            UserId = user,
            Mounts = mounts,
            Devices = devices,
            RunnerFiles = files,
            Program = program,
            Arguments = texts[0],
            Environment = texts[1],
            ScratchBytes = scratch.Item1,
            ScratchFiles = scratch.Item2,
            Limits = limits,
            Filter = [.. filter.SelectMany(bytes => bytes)],
            PidOffsets = offsets,
            Landlock = landlock,
        };

    [Fact]
    public void What_is_read_is_what_was_written() => Plans.Sample(plan =>
    {
        var bytes = LaunchPlanFormat.Encode(plan);
        var read = LaunchPlanFormat.Decode(bytes);

        Assert.Equal(bytes, LaunchPlanFormat.Encode(read));
        Assert.Equal((plan.HostPid, plan.Mode, plan.Zygote, plan.UserId, plan.Program), (read.HostPid, read.Mode, read.Zygote, read.UserId, read.Program));
        Assert.Equal(plan.Mounts, read.Mounts);
        Assert.Equal(plan.Arguments, read.Arguments);
        Assert.Equal(plan.Limits, read.Limits);
        Assert.Equal(plan.Filter, read.Filter);
        Assert.Equal(plan.Landlock?.Rules, read.Landlock?.Rules);
    });

    [Fact]
    public void Plan_that_is_cut_off_or_longer_is_refused() => Gen.Select(Plans, Gen.Double.Unit, Gen.Byte.Array[1, 8]).Sample((plan, part, more) =>
    {
        var bytes = LaunchPlanFormat.Encode(plan);

        Assert.Throws<FormatException>(() => LaunchPlanFormat.Decode(bytes.AsSpan(0, (int)(part * bytes.Length))));
        Assert.Throws<FormatException>(() => LaunchPlanFormat.Decode([.. bytes, .. more]));
    });

    [Fact]
    public void Damage_is_refused_or_is_another_whole_plan_and_nothing_else() => Gen.Select(Plans, Gen.Double.Unit, Gen.Byte[1, 255]).Sample((plan, place, change) =>
    {
        var bytes = LaunchPlanFormat.Encode(plan);
        var at = (int)(place * bytes.Length);
        bytes[at] ^= change;
        try
        {
            Assert.Equal(bytes, LaunchPlanFormat.Encode(LaunchPlanFormat.Decode(bytes)));
        }
        catch (FormatException)
        {
        }
    });

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/a//b")]
    [InlineData("a/b")]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("/a\0b")]
    public void Path_that_is_not_plain_is_refused(string path) => Refused(plan => plan with { Devices = [path] });

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void Runner_file_goes_nowhere_else(string name) => Refused(plan => plan with { RunnerFiles = [(name, [])] });

    [Fact]
    public void Process_id_is_put_nowhere_but_into_the_filter() => Refused(plan => plan with { Filter = new byte[8], PidOffsets = [5] });

    [Fact]
    public void Half_an_instruction_is_refused() => Refused(plan => plan with { Filter = new byte[12] });

    [Fact]
    public void Another_version_is_refused()
    {
        var bytes = LaunchPlanFormat.Encode(Plan);
        bytes[15]++;

        Assert.Throws<FormatException>(() => LaunchPlanFormat.Decode(bytes));
    }

    private static void Refused(Func<LaunchPlan, LaunchPlan> change)
    {
        Assert.Equal(Plan.Program, LaunchPlanFormat.Decode(LaunchPlanFormat.Encode(Plan)).Program);
        Assert.Throws<FormatException>(() => LaunchPlanFormat.Decode(LaunchPlanFormat.Encode(change(Plan))));
    }

    private static LaunchPlan Plan { get; } = new()
    {
        HostPid = 1,
        Mode = LaunchMode.Namespaces,
        Zygote = false,
        Mounts = [],
        Devices = [],
        RunnerFiles = [("a", Encoding.ASCII.GetBytes("b"))],
        Program = "/usr/bin/python3",
        Arguments = [],
        Environment = [],
        ScratchBytes = 1,
        ScratchFiles = 1,
        Limits = [],
        Filter = [],
        PidOffsets = [],
    };
}
