using EdgeCoder.Executor.Commands;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>One sandbox for all tests of commands, so that the canaries run once.</summary>
public sealed class CommandFixture : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("edgecoder-commands-");

    /// <summary>Makes it.</summary>
    public CommandFixture() => Sandbox = new ProjectSandbox(Options);

    /// <summary>The sandbox.</summary>
    public IProjectSandbox Sandbox { get; }

    /// <summary>Its options.</summary>
    public ExecutorOptions Options => new() { DataDirectory = directory.FullName };

    /// <summary>A new directory of this machine.</summary>
    public string NewDirectory(string name) => directory.CreateSubdirectory($"{name}-{Guid.NewGuid():N}").FullName;

    /// <inheritdoc/>
    public void Dispose() => directory.Delete(recursive: true);
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(Name)]
public sealed class CommandCollection : ICollectionFixture<CommandFixture>
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "commands";
}
