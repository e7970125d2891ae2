namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>
/// A program that leaves a mark wherever it runs: beside itself, in the worktree, and in the folder of the workspace, of which at least one can be written
/// inside the sandbox too.
/// </summary>
internal sealed class Trap
{
    private readonly string _directory;

    private Trap(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
        File.WriteAllText(Program, $"#!/bin/sh\necho \"$0 $*\" >> {Mark}\necho \"$0 $*\" >> \"$GIT_DIR/fired\"\necho \"$0 $*\" >> fired.mark\ncat\n");
        File.SetUnixFileMode(Program, (UnixFileMode)0b111_101_101);
    }

    public string Program => Path.Combine(_directory, "program");

    public bool HasFired => File.Exists(Mark) || Marks().Any();

    public string Log => string.Concat(Marks().Append(Mark).Where(File.Exists).Select(File.ReadAllText));

    private string Mark => Path.Combine(_directory, "fired");

    public static Trap In(string directory) => new(directory);

    public void Reset()
    {
        foreach (var file in Marks().Append(Mark))
        {
            File.Delete(file);
        }
    }

    /// <summary>Marks anywhere in the temporary directory of the test.</summary>
    private IEnumerable<string> Marks()
    {
        var top = _directory;
        while (!Path.GetFileName(top).StartsWith("edgecoder-test-", StringComparison.Ordinal))
        {
            top = Path.GetDirectoryName(top)!;
        }

        return Directory.EnumerateFiles(top, "fired*", SearchOption.AllDirectories).ToList();
    }
}
