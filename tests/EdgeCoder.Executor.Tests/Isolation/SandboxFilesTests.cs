using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation;

namespace EdgeCoder.Executor.Tests.Isolation;

public sealed class SandboxFilesTests
{
    [Fact]
    public void What_lies_below_a_library_directory_or_a_link_to_one_is_not_mounted_again()
    {
        var mounts = For("/usr/lib/python3", "/lib/python3", "/lib");

        Assert.Equal(For(), mounts);
    }

    [Fact]
    public void Interpreter_outside_the_library_directories_is_mounted_once()
    {
        var directory = Path.GetDirectoryName(typeof(SandboxFilesTests).Assembly.Location)!;
        var file = typeof(SandboxFilesTests).Assembly.Location;

        Assert.Equal([new SandboxMount(directory, MountKind.Directory)], For(directory, file, directory).Except(For()));
        Assert.Equal([new SandboxMount(file, MountKind.File)], For(file, file).Except(For()));
    }

    [Fact]
    public void Directory_with_a_similar_name_is_another_one() =>
        Assert.Contains(new SandboxMount("/usr/library", MountKind.File), For("/usr/library"));

    [Theory]
    [InlineData("/etc")]
    [InlineData("/home")]
    [InlineData("/proc")]
    [InlineData("/sys")]
    [InlineData("/usr/bin")]
    public void Nothing_else_of_the_machine_is_visible(string path) =>
        Assert.DoesNotContain(For(), mount => mount.Path == path || path.StartsWith(mount.Path + "/", StringComparison.Ordinal));

    private static IReadOnlyList<SandboxMount> For(params string[] reads) =>
        SandboxFiles.For(new Interpreter { Language = SnippetLanguage.Python, Path = "/usr/bin/python3", Version = "3.11", Reads = reads, FileStamp = "" });
}
