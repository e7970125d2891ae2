using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>One real sandbox for all tests of git, so that the canaries run once.</summary>
public sealed class GitFixture : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edgecoder-git-");

    /// <summary>Makes it.</summary>
    public GitFixture() => Sandbox = new ProjectSandbox(new ExecutorOptions { DataDirectory = _directory.FullName });

    /// <summary>The sandbox.</summary>
    public IProjectSandbox Sandbox { get; }

    /// <inheritdoc/>
    public void Dispose() => _directory.Delete(recursive: true);
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(Name)]
public sealed class GitCollection : ICollectionFixture<GitFixture>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "git";
}
