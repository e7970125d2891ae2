using EdgeCoder.Coordination;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.IdeProvider.Swarm;
using EdgeCoder.Roles;
using EdgeCoder.TestKit.Files;
using World = EdgeCoder.Commands.Surroundings;

namespace EdgeCoder.Tests.Roles;

/// <summary>Which coordinator the endpoint for editors uses: one that somebody named, and no other (agent-executor-models 6.5; S10).</summary>
public sealed class NamedSwarmTests : IDisposable
{
    private const string Own = "http://127.0.0.1:4301";

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string?> _environment = new(StringComparer.Ordinal) { ["COORDINATOR_URL"] = null, ["EDGECODER_API_KEY"] = null, ["AGENT_ACCOUNT_ID"] = null };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_stored_address_names_nobody()
    {
        Store(Own);
        Assert.Same(SwarmAccess.NotNamed, Open(own: null, out _)());
    }

    [Fact]
    public void The_coordinator_of_the_same_process_is_used_with_the_credentials_that_it_makes_later()
    {
        var swarm = Open(Own, out _);
        Assert.Contains("no API key", swarm().Reason, StringComparison.Ordinal);
        Store(Own);
        var submitter = swarm().Submitter!;
        Assert.Equal((new Uri(Own), "eck_stored", "acct-local"), (submitter.Coordinator, submitter.ApiKey, submitter.AccountId));
    }

    [Fact]
    public void A_named_one_goes_before_it_and_gets_no_credential_of_another()
    {
        Store(Own);
        _environment["COORDINATOR_URL"] = "https://coordinator.example/";
        var swarm = Open(Own, out _);
        Assert.Null(swarm().Submitter);
        _environment["EDGECODER_API_KEY"] = "eck_theirs";
        var submitter = Open(Own, out _)().Submitter!;
        Assert.Equal((new Uri("https://coordinator.example/"), "eck_theirs", null), (submitter.Coordinator, submitter.ApiKey, submitter.AccountId));
    }

    [Theory]
    [InlineData("http://192.0.2.1:4301")]
    [InlineData("coordinator.example")]
    [InlineData("https://user:word@coordinator.example")]
    public void An_address_that_a_key_may_not_be_sent_to_stops_the_start(string address)
    {
        _environment["COORDINATOR_URL"] = address;
        Open(own: null, out var reader);
        Assert.Contains("COORDINATOR_URL", Assert.Single(reader.Faults), StringComparison.Ordinal);
    }

    private void Store(string url) => new Access { CoordinatorUrl = url, ApiKey = "eck_stored", AdminToken = "a", AccountId = "acct-local" }.Write(_directory.Path);

    private Func<SwarmAccess> Open(string? own, out SettingsReader reader)
    {
        var world = World.OfProcess().With(new Dictionary<string, string?>(_environment) { ["EDGECODER_DATA_DIR"] = _directory.Path });
        reader = new SettingsReader(world.Environment);
        return NamedSwarm.Of(world, reader, own);
    }
}
