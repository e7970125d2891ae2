using EdgeCoder.Commands;
using EdgeCoder.Coordination;

namespace EdgeCoder.Tests.Coordination;

/// <summary>Which credential goes where (docs/coordinator.md, accounts and credentials): <c>EDGECODER_API_KEY</c>, <c>COORDINATOR_URL</c>, <c>--save</c>.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private const string Tasks = """{"tasks":[]}""";
    private const string Made = """{"accountId":"acct-me","apiKey":"eck_new"}""";

    private FixedCoordinator _coordinator = null!;

    private string DataDirectory => _coordinator.Directory.Path;

    private string File => System.IO.File.ReadAllText(Access.PathIn(DataDirectory));

    public async ValueTask InitializeAsync() => _coordinator = (await FixedCoordinator.StartAsync()).Answers("GET /tasks", Tasks).Answers("POST /admin/accounts", Made);

    public ValueTask DisposeAsync() => _coordinator.DisposeAsync();

    [Fact]
    public async Task Key_of_the_environment_goes_before_that_of_the_file()
    {
        _coordinator.Settings["EDGECODER_API_KEY"] = " eck_mine ";

        Assert.Equal(0, await _coordinator.RunAsync("status"));

        Assert.Equal("Bearer eck_mine", Assert.Single(_coordinator.Requests).Credential);
    }

    [Fact]
    public async Task Key_of_the_file_goes_to_no_other_coordinator()
    {
        await using var other = (await FixedCoordinator.StartAsync()).Answers("GET /tasks", Tasks);
        _coordinator.Settings["COORDINATOR_URL"] = other.Url;

        Assert.Equal((int)ExitCode.Usage, await _coordinator.RunAsync("status"));
        Assert.Contains("EDGECODER_API_KEY", Told());
        Assert.Empty(other.Requests);

        _coordinator.Settings["EDGECODER_API_KEY"] = "eck_theirs";
        Assert.Equal(0, await _coordinator.RunAsync("status"));
        Assert.Equal("Bearer eck_theirs", Assert.Single(other.Requests).Credential);
        Assert.Empty(_coordinator.Requests);
    }

    [Fact]
    public async Task Saved_key_is_used_by_the_next_command_and_shown_nowhere()
    {
        _coordinator.Settings["ADMIN_API_TOKEN"] = "token-of-the-operator";

        Assert.Equal(0, await _coordinator.RunAsync("account", "create", "acct-me", "--key-name", "laptop", "--save"));
        Assert.Equal(0, await _coordinator.RunAsync("status"));

        Assert.Equal(
            [new("POST", "/admin/accounts", """{"accountId":"acct-me","apiKeyName":"laptop"}""", "Bearer token-of-the-operator"), new("GET", "/tasks?limit=20", "", "Bearer eck_new")],
            _coordinator.Requests);
        Assert.DoesNotContain("eck_new", Told());
        Assert.Contains("acct-me", File);
        // What came from the environment stays there.
        Assert.DoesNotContain("token-of-the-operator", File);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(Access.PathIn(DataDirectory)));
        }
    }

    [Fact]
    public async Task Key_that_is_not_saved_is_shown_once_and_kept_nowhere()
    {
        Assert.Equal(0, await _coordinator.RunAsync("account", "create", "acct-me", "--credits", "12.5", "--json"));

        Assert.Equal("""{"accountId":"acct-me","credits":12.5}""", Assert.Single(_coordinator.Requests).Body);
        Assert.Contains("\"apiKey\":\"eck_new\"", Told());
        Assert.DoesNotContain("eck_new", File);
    }

    [Fact]
    public async Task Saving_never_replaces_the_access_to_another_coordinator()
    {
        await using var other = (await FixedCoordinator.StartAsync()).Answers("POST /admin/accounts", Made);
        (_coordinator.Settings["COORDINATOR_URL"], _coordinator.Settings["ADMIN_API_TOKEN"]) = (other.Url, "token-of-the-other");
        var before = File;

        Assert.Equal((int)ExitCode.Usage, await _coordinator.RunAsync("account", "create", "acct-me", "--save", "--json"));

        Assert.Contains("access_of_another", Told());
        Assert.Equal(before, File);
        Assert.Empty(other.Requests);
    }

    private string Told() => _coordinator.Console.Output + _coordinator.Output + _coordinator.Error;
}
