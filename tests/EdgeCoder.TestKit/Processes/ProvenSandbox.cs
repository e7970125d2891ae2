using EdgeCoder.TestKit.Files;

namespace EdgeCoder.TestKit.Processes;

/// <summary>
/// What <c>edgecoder</c> remembers of its sandbox, proven once in this process of tests by the real program: the canaries that were contained, and QuickJS compiled.
/// A data directory that begins with it spares each program a second or two of the processor; everything that runs is run in the same sandbox.
/// </summary>
internal static class ProvenSandbox
{
    private const string Folder = "executor";

    private static readonly Lazy<Task<string>> Proven = new(ProveAsync);

    /// <summary>Gives a data directory what was proven.</summary>
    public static void Give(string dataDirectory)
    {
        Directory.CreateDirectory(dataDirectory);
        if (!OperatingSystem.IsWindows())
        {
            // As the program makes it.
            File.SetUnixFileMode(dataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var folder = Directory.CreateDirectory(Path.Combine(dataDirectory, Folder));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Proven.Value.GetAwaiter().GetResult(), Folder)))
        {
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        }
    }

    private static async Task<string> ProveAsync()
    {
        var directory = new TemporaryDirectory();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Dispose();
        var data = directory["data"];
        var examined = await ProgramRun.ToEndAsync(
            Repository.Executable, ["doctor", "--json"], EdgeCoderRun.Usual(directory.Path, data), directory: directory.Path).ConfigureAwait(false);
        return Directory.Exists(Path.Combine(data, Folder)) ? data : throw new InvalidOperationException($"The sandbox was not proven: {examined}");
    }
}
