using System.Diagnostics;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.TestKit.Repositories;

/// <summary>A small real repository of a person, made for one test and removed at its end.</summary>
public sealed class SampleRepository : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private SampleRepository() => Directory.CreateDirectory(Root);

    /// <summary>Its root, as a real path; a directory of the same name in every test.</summary>
    public string Root => _directory["sample"];

    /// <summary>Full path of a file in it.</summary>
    public string this[string name] => Path.Combine(Root, name);

    /// <summary>A repository with these files, committed on branch <c>main</c>.</summary>
    public static SampleRepository Of(params IEnumerable<(string Name, string Text)> files)
    {
        var repository = new SampleRepository();
        repository.Git("init", "--quiet", "--initial-branch=main");
        foreach (var (name, text) in files)
        {
            repository.Write(name, text);
        }

        repository.CommitAll("begin");
        return repository;
    }

    /// <summary>Writes a file of the person's.</summary>
    public void Write(string name, string text) => _directory.Write(Path.Combine("sample", name), text);

    /// <summary>A file's text.</summary>
    public string Read(string name) => File.ReadAllText(this[name]);

    /// <summary>Commits everything as the person would.</summary>
    public void CommitAll(string message)
    {
        Git("add", "--all");
        Git("commit", "--quiet", "--allow-empty", "-m", message);
    }

    /// <summary>Runs git as the person would, and gives its output.</summary>
    public string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", "user.name=Person", "-c", "user.email=person@example.org", "-c", "commit.gpgsign=false", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start) ?? throw new InvalidOperationException("git did not start");
        var error = git.StandardError.ReadToEndAsync();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)} ended with {git.ExitCode}: {error.Result}");
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
