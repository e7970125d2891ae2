using System.Text;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Warm;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>What the kernel says about a child of a zygote that waits for its job.</summary>
public sealed class WarmPrivilegeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("Namespaces")]
    [InlineData("Landlock")]
    public async Task Waiting_child_has_no_privilege_left(string mode)
    {
        var kind = await LauncherKind.FindAsync(mode, "Python");
        using var zygote = WarmPython.Start(kind.Tool, kind.Planner);
        using var child = zygote.Fork();
        Assert.NotNull(child.Exit);
        Assert.Equal("ready\n", Line(child.Channels.Report));

        var parent = Assert.Single(Children(zygote.LauncherPid));
        var pid = Assert.Single(Children(parent));
        var status = Status(pid);

        Assert.All(new[] { "CapInh", "CapPrm", "CapEff", "CapAmb" }, set => Assert.Equal("0000000000000000", status[set]));
        Assert.Equal(("1", "2"), (status["NoNewPrivs"], status["Seccomp"]));
        if (mode == "Namespaces")
        {
            Assert.Equal("0000000000000000", status["CapBnd"]);
            Assert.True(status["NSpid"].Split('\t') is [_, _, "1"]);
            Assert.All(new[] { "mnt", "net", "ipc", "uts", "pid" }, name => Assert.NotEqual(Namespace(parent, name), Namespace(pid, name)));
        }
    }

    private static string Line(Descriptor descriptor)
    {
        var bytes = new byte[64];
        Assert.True(PollEntry.Wait(descriptor, Patience));
        return Encoding.ASCII.GetString(bytes, 0, descriptor.Read(bytes) ?? 0);
    }

    private static List<int> Children(int pid) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture)).Where(one => Parent(one) == pid)];

    private static int? Parent(int pid)
    {
        try
        {
            return int.Parse(Status(pid)["PPid"], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it is gone
        }
    }

    private static Dictionary<string, string> Status(int pid) =>
        File.ReadLines($"/proc/{pid}/status").Select(line => line.Split(":\t", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);

    private static string Namespace(int pid, string name) => new FileInfo($"/proc/{pid}/ns/{name}").LinkTarget!;
}
