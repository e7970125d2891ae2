using System.Globalization;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Isolation.AppContainer;

/// <summary>Windows: one process per job in an AppContainer and a job object. Untested; the self-test decides on each machine whether it is used.</summary>
[SupportedOSPlatform("windows")]
internal sealed class AppContainerSandbox : StreamedSandbox
{
    private const string ContainerName = "EdgeCoder.Executor";

    /// <summary>Puts it together.</summary>
    public AppContainerSandbox(Interpreter interpreter, TimeProvider time)
        : base("appcontainer", string.Create(CultureInfo.InvariantCulture, $"{ContainerName} {WindowsSystem.AllRestrictions}"), interpreter, time)
    {
    }

    /// <inheritdoc/>
    protected override StreamedProcess Start(RunDirectory place, SandboxJob job)
    {
        using var container = ContainerSid.Of(ContainerName);
        Allow(container, place.RunnerDirectory, FileSystemRights.ReadAndExecute);
        Allow(container, place.Scratch, FileSystemRights.Modify);
        var runner = Forward(Path.Combine(place.RunnerDirectory, Runner.Files[0].Name));
        IReadOnlyList<string> arguments = [.. InterpreterCommand.Arguments(Interpreter, job.Limits, runner), Forward(place.Scratch)];
        return new AppContainerProcess(container, Interpreter.Path, arguments, Variables(place.Scratch), place, job.Limits);
    }

    // Windows' own libraries do not load without SystemRoot.
    private IReadOnlyList<string> Variables(string scratch) =>
    [
        $"SystemRoot={Environment.GetFolderPath(Environment.SpecialFolder.Windows)}", $"TEMP={scratch}", $"TMP={scratch}", $"USERPROFILE={scratch}",
        .. InterpreterCommand.Environment(Language, scratch).Where(variable => !variable.StartsWith("PATH=", StringComparison.Ordinal)),
    ];

    // The runners divide paths at slashes, which Windows takes too.
    private static string Forward(string path) => path.Replace('\\', '/');

    private static void Allow(ContainerSid container, string directory, FileSystemRights rights)
    {
        var info = new DirectoryInfo(directory);
        var access = info.GetAccessControl();
        access.AddAccessRule(new FileSystemAccessRule(
            new SecurityIdentifier(container.DangerousGetHandle()), rights, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        info.SetAccessControl(access);
    }
}
