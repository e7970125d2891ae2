using System.Text.RegularExpressions;
using EdgeCoder.Executor.Isolation.Seccomp;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>The launcher takes its numbers from the same table as the filter. Nothing of it was run on aarch64, so at least no call may be missing there.</summary>
public sealed partial class LauncherCallsTests
{
    [Fact]
    public void Every_call_of_the_launcher_exists_on_both_architectures()
    {
        var names = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src/EdgeCoder.Launcher"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Calls().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value)).Distinct().ToList();

        Assert.True(names.Count > 40, string.Join(' ', names));
        Assert.All(names, name => Assert.All(Enum.GetValues<MachineArchitecture>(), architecture => Assert.NotNull(SyscallTable.Number(name, architecture))));
    }

    // calls.Add("mount", …), Kernel.Call("read", …), Kernel.Must(step, "read", …)
    [GeneratedRegex("""(calls\.(Add|AddWhole|Try|Keep)|Kernel\.(Call|Number))\("(?<name>[a-z0-9_]+)"|Kernel\.Must\((Step|step|"[^"]*"), "(?<name>[a-z0-9_]+)""")]
    private static partial Regex Calls();
}
