using System.CommandLine;
using System.Text.Json;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Releases;
using EdgeCoder.TestKit.Files;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Receipts;

/// <summary><c>edgecoder verify release</c> and <c>edgecoder update</c> (F29): what is not verified is not installed, and a build without keys installs nothing.</summary>
public sealed class ReleaseCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly TestConsole _console = new TestConsole().Width(400);
    private readonly StringWriter _output = new();

    public ReleaseCommandTests()
    {
        _directory.Write("key.pem", _key.PublicKey.Pem);
        Release("release", "1.1.0", "new program", 2_000);
        Release("installed", "1.0.0", "old program", 1_000);
    }

    public void Dispose()
    {
        _directory.Dispose();
        _key.Dispose();
        _console.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task A_signed_release_is_verified_and_what_was_changed_is_not()
    {
        Assert.Equal(0, await RunAsync("verify", "release", "release", "--key", "key.pem", "--artifact", "release.tar"));
        Assert.Contains("1.1.0", _console.Output, StringComparison.Ordinal);

        _directory.Write("release.tar", "another");
        Assert.Equal((1, "artifact_mismatch"), await SayAsync("verify", "release", "release", "--key", "key.pem", "--artifact", "release.tar"));
        _directory.Write("release/lib/b", "changed");
        Assert.Equal((1, "hash_mismatch"), await SayAsync("verify", "release", "release", "--key", "key.pem"));
        File.CreateSymbolicLink(_directory["release/link"], "a");
        Assert.Equal((1, "link_in_tree"), await SayAsync("verify", "release", "release", "--key", "key.pem"));
        Assert.Equal((1, "manifest_missing"), await SayAsync("verify", "release", "release/lib", "--key", "key.pem"));
        Assert.Equal((2, "folder_missing"), await SayAsync("verify", "release", "nowhere", "--key", "key.pem"));
    }

    [Fact]
    public async Task Without_keys_nothing_is_verified_and_nothing_is_installed()
    {
        Assert.Equal((2, "no_active_release_keys"), await SayAsync("verify", "release", "release"));
        Assert.Equal((2, "no_active_release_keys"), await SayAsync("update", "release"));
        Assert.Equal((2, "no_active_release_keys"), await UpdateAsync(new([]), "release"));
        Assert.Equal("old program", await ProgramAsync());
    }

    [Fact]
    public async Task A_verified_release_takes_the_place_of_the_program_and_the_one_before_is_kept()
    {
        Assert.Equal((0, null), await UpdateAsync(Keys, "release"));
        Assert.Equal("new program", await ProgramAsync());
        Assert.Equal("old program", await File.ReadAllTextAsync(_directory["installed.previous/a"], TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(_directory["installed.new"]));
        Assert.Equal("verified", ReleaseFolder.Check(_directory["installed"], [_key.PublicKey]).Standing.ToString());
    }

    [Theory]
    [InlineData("a byte", "release_not_verified")]
    [InlineData("a link", "release_not_verified")]
    [InlineData("another key", "release_not_verified")]
    [InlineData("no manifest", "release_not_verified")]
    [InlineData("an older release", "release_older")]
    public async Task What_is_not_verified_changes_nothing(string change, string code)
    {
        using var other = SigningKey.Generate();
        switch (change)
        {
            case "a byte": _directory.Write("release/a", "bad program"); break;
            case "a link": File.CreateSymbolicLink(_directory["release/link"], "/etc/passwd"); break;
            case "another key": ReleaseFolder.Sign(_directory["release"], other); break;
            case "no manifest": File.Delete(_directory["release/release-manifest.json"]); break;
            case "an older release": Release("release", "0.9.0", "older program", 999); break;
        }

        Assert.Equal((1, code), await UpdateAsync(Keys, "release"));
        Assert.Equal("old program", await ProgramAsync());
        Assert.False(Directory.Exists(_directory["installed.new"]) || Directory.Exists(_directory["installed.previous"]));
    }

    private ReleaseKeys Keys => new([new(_key.PublicKey.Pem, 0)]);

    private Task<string> ProgramAsync() => File.ReadAllTextAsync(_directory["installed/a"], TestContext.Current.CancellationToken);

    private void Release(string folder, string version, string program, long atMs)
    {
        _directory.Write($"{folder}/a", program);
        _directory.Write($"{folder}/lib/b", "library");
        ReleaseFolder.Make(_directory[folder], version, [_directory.Write("release.tar", "archive")], atMs);
        ReleaseFolder.Sign(_directory[folder], _key);
    }

    private async Task<(int Exit, string? Code)> SayAsync(params string[] words) => (await RunAsync([.. words, "--json"]), Code());

    private async Task<(int Exit, string? Code)> UpdateAsync(ReleaseKeys keys, string folder)
    {
        var json = new Option<bool>("--json") { Recursive = true };
        var root = new RootCommand { json, UpdateCommand.Build(Around(), json, _directory["installed"], keys) };
        return (await root.Parse(["update", folder, "--json"]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken), Code());
    }

    // The code of a verification's answer, or of a command's fault.
    private string? Code()
    {
        using var said = JsonDocument.Parse(_output.ToString());
        _output.GetStringBuilder().Clear();
        return said.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString()
            : said.RootElement.TryGetProperty("code", out var code) ? code.GetString()
            : null;
    }

    private Task<int> RunAsync(params string[] words) => CommandLine.RunAsync(words, Around(), TestContext.Current.CancellationToken);

    private Surroundings Around() => new()
    {
        Console = _console,
        ErrorConsole = _console,
        Output = _output,
        Error = _output,
        Input = () => Stream.Null,
        InputRedirected = true,
        Terminals = (false, false),
        Environment = _ => null,
        Time = TimeProvider.System,
        Interactive = false,
        Directory = _directory.Path,
        Person = new(false, () => null, () => { }),
        Width = () => 80,
    };
}
