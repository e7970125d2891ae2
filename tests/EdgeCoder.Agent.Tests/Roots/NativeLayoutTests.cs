using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Roots.Native;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Roots;

public sealed class NativeLayoutTests
{
    [Fact]
    public void Structures_have_the_sizes_of_the_kernel()
    {
        Assert.Equal(256, Unsafe.SizeOf<FileState>());
        Assert.Equal(24, Unsafe.SizeOf<OpenHow>());
        Assert.Equal(40, (int)Marshal.OffsetOf<FileState>(nameof(FileState.Size)));
    }

    [Fact]
    public void State_says_what_dotnet_says()
    {
        using var directory = new TemporaryDirectory();
        var file = new FileInfo(directory.Write("a.txt", "hello"));
        File.SetUnixFileMode(file.FullName, (UnixFileMode)0b110_100_001);
        using var opened = LinuxDirectory.Open(directory.Path);
        var state = opened.Look("a.txt")!.Value;
        Assert.Equal(EntryKind.File, state.Kind);
        Assert.Equal(5, state.Size);
        Assert.Equal(0b110_100_001, state.Mode);
        Assert.Equal((file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks, state.ModifiedNs / 100);
        Assert.Null(opened.Look("b.txt"));
    }

    [Fact]
    public void Kernel_opens_below_and_nothing_else()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["a/b"]);
        Directory.CreateSymbolicLink(directory["link"], "a");
        using var opened = LinuxDirectory.Open(directory["a"]);
        using var below = opened.OpenBelow("b");
        Assert.NotNull(below);
        Assert.Null(opened.OpenBelow("../a"));
        using var outer = LinuxDirectory.Open(directory.Path);
        Assert.Null(outer.OpenBelow("link/b"));
        Assert.Null(outer.OpenBelow("/tmp"));
    }

    [Fact]
    public async Task Names_that_are_not_utf8_are_listed_escaped()
    {
        using var directory = new TemporaryDirectory();
        using var opened = LinuxDirectory.Open(directory.Path);
        Assert.Equal(0, await Files.Shell.RunAsync("sh", "-c", "touch \"$1/$(printf 'caf\\351.txt')\"", "sh", directory.Path));
        var entry = Assert.Single(opened.Entries());
        Assert.Equal(@"caf\xE9.txt", entry.Name);
        Assert.False(entry.Reachable);
        Assert.Equal(0, await Files.Shell.RunAsync("find", directory.Path, "-type", "f", "-delete")); // .NET cannot.
    }
}
