using System.Text;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>A program that the launcher starts, without a runner's protocol: what it prints, and where it is.</summary>
internal sealed class LaunchedProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly LaunchedProcess process;

    private LaunchedProgram(LaunchedProcess process)
    {
        this.process = process;
        var told = Encoding.UTF8.GetBytes(ReadLine(process.Information));
        process.Inform(told);
        Answer = LauncherAnswer.Read(told) ?? throw new InvalidOperationException($"The launcher told nothing: {ReadAll(process.Channels.Stderr)}");
    }

    /// <summary>What the launcher told.</summary>
    public LauncherAnswer Answer { get; }

    public static LaunchedProgram Start(LauncherTool tool, LaunchPlan plan) => new(LaunchedProcess.Start(LauncherSandbox.CommandOf(tool, plan)));

    /// <summary>Waits for a line on standard output.</summary>
    public string Line() => ReadLine(process.Channels.Stdout) is { Length: > 0 } line ? line : throw new InvalidOperationException($"The program said nothing: {Rest()}, ended with {End()}");

    /// <summary>Everything that is still to come on standard output, and then on standard error.</summary>
    public string Rest() => ReadAll(process.Channels.Stdout) + ReadAll(process.Channels.Stderr);

    /// <summary>Kills the program and gives the launcher's exit code.</summary>
    public int End() => process.End(reported: false).Status;

    /// <summary>Kills the launcher and waits for its end and the program's.</summary>
    public void KillLauncher()
    {
        using var program = Descriptor.Process(Answer.FirstPid);
        process.Exit!.KillProcess();
        Assert.True(PollEntry.Wait(process.Exit, Patience));
        Assert.True(program is null || PollEntry.Wait(program, Patience));
    }

    /// <summary>Fields of /proc/PID/status.</summary>
    public IReadOnlyDictionary<string, string> Status() =>
        File.ReadLines($"/proc/{Answer.FirstPid}/status").Select(line => line.Split(":\t", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);

    public void Dispose() => process.Dispose();

    private static string ReadLine(Descriptor descriptor)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (text.Length == 0 || text[^1] != '\n')
        {
            if (!PollEntry.Wait(descriptor, Patience) || descriptor.Read(one) is not > 0)
            {
                break;
            }

            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    private static string ReadAll(Descriptor descriptor)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        while (PollEntry.Wait(descriptor, Patience) && descriptor.Read(buffer) is > 0 and var count)
        {
            bytes.Write(buffer, 0, count);
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
