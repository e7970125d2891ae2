namespace EdgeCoder.Executor.Isolation;

/// <summary>The directory of one run, where there is no file system of its own for it: the runner's files, what the program may read, where it may write.</summary>
internal sealed class RunDirectory : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("edgecoder-run-");

    /// <summary>Makes it and writes the files.</summary>
    public RunDirectory(IReadOnlyList<(string Name, byte[] Content)> runner, byte[] stdin)
    {
        RunnerDirectory = root.CreateSubdirectory("runner").FullName;
        Scratch = root.CreateSubdirectory("scratch").FullName;
        InputFile = Path.Combine(root.FullName, "stdin");
        File.WriteAllBytes(InputFile, stdin);
        foreach (var (name, content) in runner)
        {
            File.WriteAllBytes(Path.Combine(RunnerDirectory, name), content);
        }
    }

    /// <summary>Where the runner's files are.</summary>
    public string RunnerDirectory { get; }

    /// <summary>Where the program may write.</summary>
    public string Scratch { get; }

    /// <summary>The file that is its standard input.</summary>
    public string InputFile { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            root.Delete(recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A program may have left what cannot be deleted at once. It lies in the temporary directory, which the system clears; the result is not lost for it.
        }
    }
}
