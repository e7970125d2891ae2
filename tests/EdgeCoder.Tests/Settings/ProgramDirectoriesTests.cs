using EdgeCoder.Commands;
using EdgeCoder.Settings;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Tests.Settings;

public sealed class ProgramDirectoriesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_named_directory_is_made_for_its_owner_only()
    {
        var opened = ProgramDirectories.Open(name => name == "EDGECODER_DATA_DIR" ? _directory["data"] : null);
        Assert.Equal(_directory["data"], opened.Data);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(opened.Data));
    }

    [Fact]
    public void Without_a_name_the_xdg_place_is_used() =>
        Assert.Equal(_directory["x/edgecoder"], ProgramDirectories.Open(name => name == "XDG_DATA_HOME" ? _directory["x"] : null).Data);

    [Fact]
    public void A_relative_xdg_place_is_ignored() =>
        Assert.Equal(_directory[".local/share/edgecoder"], ProgramDirectories.Open(name => name switch { "XDG_DATA_HOME" => "x", "HOME" => _directory.Path, _ => null }).Data);

    [Fact]
    public void A_relative_name_is_refused() =>
        Assert.Contains("EDGECODER_DATA_DIR", Assert.Throws<UsageException>(() => ProgramDirectories.Open(_ => "data")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_is_a_file_is_refused_with_advice()
    {
        var file = _directory.Write("file", "");
        var fault = Assert.Throws<UsageException>(() => ProgramDirectories.Open(name => name == "EDGECODER_DATA_DIR" ? file : null));
        Assert.Contains("EDGECODER_DATA_DIR", fault.Hint, StringComparison.Ordinal);
    }
}
