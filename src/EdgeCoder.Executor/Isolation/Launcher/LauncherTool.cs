namespace EdgeCoder.Executor.Isolation.Launcher;

/// <summary>The launcher that was built with this program.</summary>
internal sealed record LauncherTool
{
    /// <summary>Name of its file, beside this program's.</summary>
    public const string FileName = "edgecoder-launcher";

    // Left by the build in the launcher's place when there is none (eng/launcher/Launcher.targets): one line, why.
    private const string ReasonFileName = FileName + ".missing";

    /// <summary>Full path.</summary>
    public required string Path { get; init; }

    /// <summary>Length and time of change of the file.</summary>
    public required string FileStamp { get; init; }

    /// <summary>Finds it, or says why it is not there.</summary>
    /// <param name="directory">Directory of this program.</param>
    public static (LauncherTool? Tool, SandboxRefusal? Refusal) Find(string directory)
    {
        var path = System.IO.Path.Combine(directory, FileName);
        if (File.Exists(path))
        {
            return (new LauncherTool { Path = path, FileStamp = ExecutableFile.Stamp(path) }, null);
        }

        var reason = System.IO.Path.Combine(directory, ReasonFileName);
        var why = File.Exists(reason) ? File.ReadAllText(reason).Trim() : $"there is no {FileName} beside the program";
        return (null, new($"the launcher was not built: {why}", "apt-get install gcc libc6-dev, and build again"));
    }
}
