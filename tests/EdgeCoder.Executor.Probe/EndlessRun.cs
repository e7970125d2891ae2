using EdgeCoder.Executor.Commands;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Isolation.Warm;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Probe;

/// <summary>Runs a program that never ends.</summary>
internal static class EndlessRun
{
    /// <summary>Written when the run begins.</summary>
    public const string Beginning = "beginning";

    /// <summary>Before a mode of the launcher: a warm interpreter.</summary>
    public const string Warm = "warm-";

    /// <summary>Instead of a mode of the launcher: a child that nobody watches.</summary>
    public const string Careless = "careless";

    /// <summary>Instead of a mode of the launcher: a command of a project.</summary>
    public const string Command = "command";

    private const string Program = "import time\nwhile True: time.sleep(1)";

    public static async Task AsUsersHaveItAsync(string data, string language)
    {
        var request = new RunRequest
        {
            Language = language == "python" ? SnippetLanguage.Python : SnippetLanguage.JavaScript,
            Files = [language == "python" ? new("solution.py", Program) : new("solution.js", "require('fs'); setInterval(() => {}, 1000)")],
            Limits = new() { Time = TimeSpan.FromMinutes(5) },
        };
        await CodeExecutor.Create(new ExecutorOptions { DataDirectory = data }).RunAsync(request, CancellationToken.None);
    }

    public static async Task ByLauncherAsync(string mode)
    {
        var sandbox = await LauncherAsync(mode);

        // The first run compiles what the second one uses, so that the moments after its beginning are the launcher's and not this program's.
        await sandbox.RunAsync(Job("pass"), CancellationToken.None);
        Console.WriteLine(Beginning);
        await sandbox.RunAsync(Job(Program), CancellationToken.None);
    }

    /// <summary>A process that outlives its host, so that a test can see that this is noticed.</summary>
    public static async Task CarelesslyAsync()
    {
        Console.WriteLine(Beginning);
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sleep", ["600"]))!;
        await process.WaitForExitAsync();
    }

    /// <summary>A command that starts others, in the data directory of a host.</summary>
    public static async Task ByCommandAsync()
    {
        var data = Directory.CreateTempSubdirectory("edgecoder-storm-");
        try
        {
            var sandbox = new ProjectSandbox(new ExecutorOptions { DataDirectory = data.FullName });
            var command = new ProjectCommand
            {
                Arguments = ["sh", "-c", "true"],
                WorkingDirectory = "/project/storm",
                Mounts = [new(data.CreateSubdirectory("worktree").FullName, "/project/storm", Writable: true)],
                Limits = new CommandLimits { Time = TimeSpan.FromMinutes(5) },
            };
            await sandbox.RunAsync(command, CancellationToken.None);
            Console.WriteLine(Beginning);
            await sandbox.RunAsync(command with { Arguments = ["sh", "-c", "(setsid sleep 600 &); sleep 600 & sleep 600"] }, CancellationToken.None);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>A warm interpreter in one mode of the launcher, and children that wait for jobs.</summary>
    public static async Task WarmAsync(string mode)
    {
        var (tool, planner) = await PartsAsync(mode);
        Console.WriteLine(Beginning);
        using var zygote = WarmPython.Start(tool, planner);
        for (var child = 0; child < 4 && zygote.Fork().Exit is not null; child++)
        {
        }

        zygote.Await(() => false);
    }

    /// <summary>The launcher in one mode, with this machine's Python.</summary>
    public static async Task<LauncherSandbox> LauncherAsync(string mode)
    {
        var (tool, planner) = await PartsAsync(mode);
        return new LauncherSandbox(tool, planner, TimeProvider.System);
    }

    private static async Task<(LauncherTool Tool, LaunchPlanner Planner)> PartsAsync(string mode)
    {
        var (interpreter, _) = await InterpreterLocator.FindAsync(SnippetLanguage.Python, null, "/usr/bin:/usr/local/bin", Libc.EffectiveUser() == 0, CancellationToken.None);
        var planner = new LaunchPlanner
        {
            Mode = Enum.Parse<LaunchMode>(mode),
            Interpreter = interpreter!,
            Architecture = MachineArchitectures.Current!.Value,
            LandlockAbi = LandlockSupport.Ask().Abi,
        };
        return (LauncherTool.Find(AppContext.BaseDirectory).Tool!, planner);
    }

    private static SandboxJob Job(string program)
    {
        var limits = LimitPlan.Read(SnippetLanguage.Python, new RequestedLimits { Time = TimeSpan.FromMinutes(5) }).Plan!;
        var request = new RunRequest { Language = SnippetLanguage.Python, Files = [new("solution.py", program)] };
        return new SandboxJob { Limits = limits, Frame = SnippetFrame.Build(request, "key", subset: false, limits, canary: false).Frame!, Key = "key" };
    }
}
