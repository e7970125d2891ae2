using System.Text;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Files;

/// <summary>A real disk that is full: a file system of 256 KiB in memory, mounted for a process of its own.</summary>
public sealed class FullDiskTests
{
    private const string Variable = "EDGECODER_TEST_FULL_DISK";

    /// <summary>What the process in there does; null when this process is to run tests.</summary>
    public static int? RunWhenAsked() => Environment.GetEnvironmentVariable(Variable) is { } directory ? Work(directory) : null;

    [Fact]
    public async Task Nothing_is_lost_and_the_message_says_so()
    {
        using var mount = new EdgeCoder.TestKit.Files.TemporaryDirectory();
        var (code, output) = await Shell.OutputAsync(
            "unshare",
            null,
            "--user",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            $"mount -t tmpfs -o size=256k tmpfs \"$1\" && export {Variable}=\"$1\" && exec \"$2\" \"$3\"",
            "sh",
            mount.Path,
            Environment.ProcessPath!,
            Path.GetFileName(Environment.ProcessPath!).StartsWith("dotnet", StringComparison.Ordinal) ? typeof(FullDiskTests).Assembly.Location : "");
        Assert.True(code == 0, Encoding.UTF8.GetString(output));
    }

    private static int Work(string directory)
    {
        using var root = EdgeCoder.Agent.Roots.ProjectRoot.Open(directory);
        var big = new byte[1 << 20];
        var old = "old"u8.ToArray();
        File.WriteAllText(Path.Combine(directory, "a.txt"), "old");
        var overwrite = Refusal(() => root.Write(new("a.txt"), big, old));
        var create = Refusal(() => root.Write(new("new/b.txt"), big, null));
        var left = string.Join(",", Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName));
        Console.WriteLine($"{overwrite} | {create} | {left} | {File.ReadAllText(Path.Combine(directory, "a.txt"))}");
        var right = overwrite.Contains("disk is full", StringComparison.Ordinal) && create.Contains("disk is full", StringComparison.Ordinal) && left == "a.txt"
            && File.ReadAllText(Path.Combine(directory, "a.txt")) == "old";

        // With room again the same write works.
        root.Write(new("a.txt"), "new"u8.ToArray(), old);
        return right && File.ReadAllText(Path.Combine(directory, "a.txt")) == "new" ? 0 : 1;
    }

    private static string Refusal(Action write)
    {
        try
        {
            write();
            return "written";
        }
        catch (ToolException refusal)
        {
            return refusal.Message;
        }
    }
}
