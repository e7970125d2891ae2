using CsCheck;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using EdgeCoder.TestKit.Coordinators;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Coordinators;

/// <summary>How an agent finds its coordinator, and whom it does not believe (coordinator-and-mesh 10; M5).</summary>
public sealed class DiscoveryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly List<string> _noticed = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static CoordinatorPins Fresh => new(new Dictionary<string, string>(), null, false);

    private string CacheFile => _directory["cache.json"];

    public void Dispose()
    {
        _http.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_dead_and_a_lying_candidate_block_nothing()
    {
        await using var liar = await ScriptedCoordinator.StartAsync("coord-liar");
        await using var good = await ScriptedCoordinator.StartAsync("coord-good");
        using var other = SigningKey.Generate();
        liar.ProvesWith = other;

        var found = await Search("http://127.0.0.1:1", liar.Url, good.Url).FindAsync(Fresh, null, Cancel);

        Assert.Equal(("coord-good", good.Url), (found.PeerId, found.Url));
        Assert.Equal("coord-good", Assert.Single(Cache().Read()).PeerId);
    }

    [Fact]
    public async Task With_no_candidate_that_serves_each_is_told_with_its_reason()
    {
        await using var liar = await ScriptedCoordinator.StartAsync("coord-liar");
        await using var elsewhere = await ScriptedCoordinator.StartAsync("coord-elsewhere");
        await using var sick = await ScriptedCoordinator.StartAsync("coord-sick");
        using var other = SigningKey.Generate();
        liar.ProvesWith = other;
        elsewhere.ToldUrl = "https://coordinator.example.org";
        sick.Fault = static _ => ScriptedCoordinator.Problem(503, "storage_unavailable");

        var fault = await Assert.ThrowsAsync<NoCoordinatorException>(() => Search(liar.Url, elsewhere.Url, sick.Url).FindAsync(Fresh, null, Cancel));

        var why = fault.Refused.ToDictionary(one => one.Url, one => one.Why);
        Assert.Contains("does not prove its key", why[liar.Url], StringComparison.Ordinal);
        Assert.Contains("COORDINATOR_PUBLIC_URL", why[elsewhere.Url], StringComparison.Ordinal);
        Assert.Contains("503", why[sick.Url], StringComparison.Ordinal);
        Assert.False(File.Exists(CacheFile));
    }

    [Theory]
    [InlineData("chain", true)]
    [InlineData("two changes", true)]
    [InlineData("nothing", false)]
    [InlineData("only the new key's word", false)]
    [InlineData("of another coordinator", false)]
    [InlineData("to another key", false)]
    [InlineData("cut", false)]
    [InlineData("back to the old key", false)]
    public async Task A_changed_key_is_followed_by_statements_from_the_pinned_one_and_in_no_other_way(string what, bool isFound)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync("coord-1");
        var old = coordinator.SigningKey;
        using var next = SigningKey.Generate();
        using var last = SigningKey.Generate();
        byte[][] statements =
        [
            SignedKeyStatement.Announce("coord-1", old, 1_000).Bytes,
            SignedKeyStatement.Change(what == "of another coordinator" ? "coord-2" : "coord-1", what == "only the new key's word" ? last : old, next, 2_000).Bytes,
            SignedKeyStatement.Change("coord-1", next, last, 3_000).Bytes,
        ];
        coordinator.Take(what is "two changes" or "to another key" or "cut" ? last : what == "back to the old key" ? old : next);
        coordinator.Rotations = what switch
        {
            "nothing" => null,
            "two changes" => [.. statements.Select(Convert.ToBase64String)],
            "cut" => [Convert.ToBase64String(statements[0]), Convert.ToBase64String(statements[2])],
            "back to the old key" => [Convert.ToBase64String(statements[0])],
            _ => [.. statements.Take(2).Select(Convert.ToBase64String)],
        };
        var pinned = new CoordinatorPins(new Dictionary<string, string> { ["coord-1"] = (what == "back to the old key" ? next : old).PublicKey.SpkiSha256 }, null, true);
        if (isFound)
        {
            var found = await Search(coordinator.Url).FindAsync(pinned, null, Cancel);
            Assert.Equal(coordinator.Key, found.Key);
            Assert.Equal(coordinator.Rotations!.Count, found.Chain!.Statements.Count);
        }
        else
        {
            var fault = await Assert.ThrowsAsync<NoCoordinatorException>(() => Search(coordinator.Url).FindAsync(pinned, null, Cancel));
            Assert.Contains("no statement of that one leads to it", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wrong_key_is_refused_whether_it_was_pinned_or_cached_or_named_by_the_feed()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        await using var registry = await ScriptedCoordinator.StartAsync("registry");
        var pinned = new CoordinatorPins(new Dictionary<string, string> { [coordinator.PeerId] = new('0', 64) }, null, true);
        await Assert.ThrowsAsync<NoCoordinatorException>(() => Search(coordinator.Url).FindAsync(pinned, null, Cancel));

        Cache().Keep(new(coordinator.PeerId, coordinator.Url, new('0', 64), _time.GetUtcNow().ToUnixTimeMilliseconds()));
        await Assert.ThrowsAsync<NoCoordinatorException>(() => Search().FindAsync(Fresh, null, Cancel));

        File.Delete(CacheFile);
        registry.Feed = () => System.Text.Encoding.UTF8.GetBytes($$"""{"coordinators":[{"peerId":"{{coordinator.PeerId}}","coordinatorUrl":"{{coordinator.Url}}","source":"mesh","publicKeySha256":"{{new string('0', 64)}}"}]}""");
        await Assert.ThrowsAsync<NoCoordinatorException>(() => Search(new Uri(registry.Url + "/network/coordinators")).FindAsync(Fresh, null, Cancel));
        registry.Feed = () => System.Text.Encoding.UTF8.GetBytes($$"""{"coordinators":[null,{"peerId":"x"},{"peerId":"{{coordinator.PeerId}}","coordinatorUrl":"{{coordinator.Url}}","publicKeySha256":"{{coordinator.Key.SpkiSha256}}"}]}""");
        Assert.Equal(coordinator.PeerId, (await Search(new Uri(registry.Url + "/network/coordinators")).FindAsync(Fresh with { IsBound = true }, null, Cancel)).PeerId);
    }

    [Fact]
    public async Task An_unknown_key_of_a_configured_address_serves_a_first_registration_only()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();

        Assert.Equal(coordinator.PeerId, (await Search(coordinator.Url).FindAsync(Fresh, null, Cancel)).PeerId);
        File.Delete(CacheFile);
        var fault = await Assert.ThrowsAsync<NoCoordinatorException>(() => Search(coordinator.Url).FindAsync(Fresh with { IsBound = true }, null, Cancel));
        Assert.Contains("edgecoder worker join", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_network_mode_is_refused()
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        coordinator.NetworkMode = "enterprise_overlay";

        await Assert.ThrowsAsync<NoCoordinatorException>(() => Search(coordinator.Url).FindAsync(Fresh with { NetworkMode = "public_mesh" }, null, Cancel));
    }

    [Theory]
    [InlineData("{\"version\":1,\"peers\":[\"http")]
    [InlineData("{\"version\":2,\"peers\":[],\"entries\":[],\"updatedAtMs\":1}")]
    [InlineData("")]
    [InlineData("null")]
    public async Task A_cut_cache_file_stops_nothing_and_is_kept(string text)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        File.WriteAllText(CacheFile, text);

        await Search(coordinator.Url).FindAsync(Fresh, null, Cancel);

        Assert.Equal(text, File.ReadAllText(CacheFile + ".bad"));
        Assert.Contains(".bad", Assert.Single(_noticed), StringComparison.Ordinal);
        Assert.Single(Cache().Read());
    }

    [Fact]
    public void The_cache_file_has_the_written_form()
    {
        Cache().Keep(new("coord-1", "https://one.example.org", "ab", 1_700_000_000_000));
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();

        Assert.Equal(
            $$"""
            {
              "version": 1,
              "peers": [
                "https://one.example.org"
              ],
              "entries": [
                {
                  "peerId": "coord-1",
                  "coordinatorUrl": "https://one.example.org",
                  "publicKeySha256": "ab",
                  "lastOkMs": 1700000000000
                }
              ],
              "updatedAtMs": {{now}}
            }
            """.ReplaceLineEndings("\n"),
            File.ReadAllText(CacheFile));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(CacheFile));
        }
    }

    [Fact]
    public void Entries_older_than_thirty_days_are_ignored()
    {
        Cache().Keep(new("coord-1", "https://one.example.org", "ab", _time.GetUtcNow().ToUnixTimeMilliseconds()));
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Single(Cache().Read());
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Empty(Cache().Read());
    }

    [Theory]
    [InlineData("HTTPS://One.Example.org:443/path?x#y", "https://one.example.org")]
    [InlineData("https://user:secret@one.example.org:8443", "https://one.example.org:8443")]
    [InlineData("http://127.0.0.1:4301/", "http://127.0.0.1:4301")]
    [InlineData("http://one.example.org", null)]
    [InlineData("ftp://one.example.org", null)]
    [InlineData("nonsense", null)]
    [InlineData(null, null)]
    public void Addresses_have_one_form(string? text, string? expected) => Assert.Equal(expected, CoordinatorUrl.TryNormalise(text, out var url) ? url : null);

    [Fact]
    public void Back_off_lies_between_nothing_and_its_ceiling_and_the_ceiling_never_falls() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Double[0, 0.999999]).Sample((failures, draw) =>
        {
            var wait = new BackOff(() => draw).After(failures);
            Assert.InRange(wait, TimeSpan.Zero, BackOff.Ceiling(failures));
            Assert.True(BackOff.Ceiling(failures) <= BackOff.Ceiling(failures + 1));
            Assert.Equal(Math.Min(1_500 * Math.Pow(2, Math.Min(failures, 10)), 30_000), BackOff.Ceiling(failures).TotalMilliseconds);
        });

    private CoordinatorCache Cache() => new(CacheFile, _time);

    private CoordinatorSearch Search(params string[] bootstrap) => Search(null, bootstrap);

    private CoordinatorSearch Search(Uri? feed, params string[] bootstrap) =>
        new(new() { Feed = feed, Bootstrap = bootstrap, CacheFile = CacheFile }, _http, Cache(), new Random(7), TimeProvider.System) { Notice = _noticed.Add };
}
