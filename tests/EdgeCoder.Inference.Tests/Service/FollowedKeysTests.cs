using System.Net;
using System.Text;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Models;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Inference.Tests.Service;

/// <summary>A coordinator that has changed its key is followed, over a restart of the service too (economy-and-ledger 16.2).</summary>
public sealed class FollowedKeysTests : IDisposable
{
    private const string Peer = InferenceHost.PeerId;
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();
    private readonly SigningKey _old = SigningKey.Generate();
    private readonly SigningKey _new = SigningKey.Generate();

    public void Dispose()
    {
        _directory.Dispose();
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task A_restarted_service_believes_the_new_key_without_being_shown_the_way_again_and_the_ended_one_never()
    {
        await using var server = await ScriptedOpenAI.StartAsync();
        var time = new FakeTimeProvider(Start);
        var chain = Chain();
        await using (var host = await InferenceHost.StartAsync(_directory, server, time: time, key: _old))
        {
            Assert.NotEqual(HttpStatusCode.Unauthorized, await AskAsync(host, _new, time, chain));
        }

        time.Advance(SignedKeyStatement.Overlap + TimeSpan.FromHours(1));
        await using var again = await InferenceHost.StartAsync(_directory, server, time: time, key: _old);
        Assert.NotEqual(HttpStatusCode.Unauthorized, await AskAsync(again, _new, time, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(again, _old, time, null));
    }

    [Fact]
    public void What_the_file_holds_counts_only_where_it_leads_from_a_key_of_the_settings()
    {
        var keys = new FollowedKeys(_directory.Path, Trusted(_old));
        Assert.Equal(_new.PublicKey, keys.Take(Peer, _old.PublicKey, string.Join(',', Chain().Texts()))!.Newest);
        Assert.Equal(_new.PublicKey, new FollowedKeys(_directory.Path, Trusted(_new)).Of(Peer)!.Newest);
        using var other = SigningKey.Generate();
        Assert.Null(new FollowedKeys(_directory.Path, Trusted(other)).Of(Peer));

        var file = _directory["followed-keys.json"];
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        foreach (var damaged in new[] { "", "{", "[]", """{"coord-000000000001":["AAAA"]}""", """{"coord-000000000001":null}""" })
        {
            File.WriteAllText(file, damaged);
            Assert.Null(new FollowedKeys(_directory.Path, Trusted(_old)).Of(Peer));
        }
    }

    [Fact]
    public void A_shorter_chain_and_one_beside_the_known_change_nothing()
    {
        var keys = new FollowedKeys(_directory.Path, Trusted(_old));
        using var thief = SigningKey.Generate();
        Assert.Null(KeyChain.TryBegin(Peer, SignedKeyStatement.Announce(Peer, _old, 0).Bytes, out var first));
        Assert.Null(first!.TryFollow(SignedKeyStatement.Change(Peer, _old, thief, Start.ToUnixTimeMilliseconds() + 5).Bytes, out var beside));
        keys.Take(Peer, _old.PublicKey, string.Join(',', Chain().Texts()));
        Assert.All(new[] { first, beside! }, chain => Assert.Equal(_new.PublicKey, keys.Take(Peer, _old.PublicKey, string.Join(',', chain.Texts()))!.Newest));
        Assert.All(new[] { "", "AAAA", "?" }, text => Assert.Equal(_new.PublicKey, keys.Take(Peer, _old.PublicKey, text)!.Newest));
    }

    private static Dictionary<string, VerifyingKey> Trusted(SigningKey key) => new() { [Peer] = key.PublicKey };

    private KeyChain Chain()
    {
        Assert.Null(KeyChain.TryBegin(Peer, SignedKeyStatement.Announce(Peer, _old, 0).Bytes, out var chain));
        Assert.Null(chain!.TryFollow(SignedKeyStatement.Change(Peer, _old, _new, Start.ToUnixTimeMilliseconds()).Bytes, out chain));
        return chain!;
    }

    private static async Task<HttpStatusCode> AskAsync(InferenceHost host, SigningKey key, TimeProvider time, KeyChain? chain)
    {
        using var client = host.Client(InferenceHost.Signer(key, "peer:" + Peer, time: time), InferenceHost.Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/decompose") { Content = new StringContent("""{"taskId":"task-1"}""", Encoding.UTF8, "application/json") };
        if (chain is not null)
        {
            request.Headers.TryAddWithoutValidation(KeyChain.Header, string.Join(',', chain.Texts()));
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
