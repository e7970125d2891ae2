using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Ledger.Tests.Records;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Blacklists;

/// <summary>Events and reports of a blacklist (economy-and-ledger 14, 21.3).</summary>
public sealed class BlacklistEventTests
{
    private const string Body = """{"action":"add","agentId":"agent-1","eventId":"00000000-0000-4000-8000-0000000000b1","evidenceHashSha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","evidenceSignatureVerified":false,"prevEventHash":"BLACKLIST_GENESIS","reason":"spam — é","reasonCode":"manual_review","reportedBy":"operator:op-1","reporterId":"rep-1","sequence":1,"sourceCoordinatorId":"coord-1","timestampMs":1700000000000,"v":1}""";
    private const string Hash = "45158bb9cebfb2389280219835df5802ce55655241d8dca477c742d374bc5036";
    private const string Signature = "1x2z6dm1+OlWrKkQa4T1wmPIIpgCH5JNpLBz2CV7j3xc9jBgPyXElSJ5xfZTj3SBhQvrA+MHPM3HI11SxzdUCw==";

    [Fact]
    public void Event_of_the_specification_has_its_bytes_hash_and_signature()
    {
        using var key = SpecificationLog.C;
        Assert.True(SignedBlacklistEvent.TryRead(Encoding.UTF8.GetBytes(Body), Hash, Signature, out var read));
        Assert.True(read.HasItsHash && read.IsSignedBy(key.PublicKey));

        var made = SignedBlacklistEvent.Sign(read.Event, key);

        Assert.Equal((Body, Hash, Signature), (Encoding.UTF8.GetString(made.Bytes), made.Hash, made.Signature));
        Assert.True(SignedBlacklistEvent.TryRead(made.Show(), out _));
    }

    [Fact]
    public void Report_of_the_specification_has_its_signature()
    {
        using var key = SigningKey.FromSeed([.. Enumerable.Range(0x40, 32).Select(n => (byte)n)]);
        var report = new BlacklistReport("agent-1", "abuse_spam", "spam", new('b', 64), "rep-1", 1_700_000_000_000);

        Assert.Equal("2N321lbjR7UF4zJyeqfEvL5WzFl0UBXD2CfbjQf3KQXE8Am+p5qGjHw82KZU4hrb607Nj51kBITUNRj18PUZAw==", report.Sign(key));
        Assert.True(report.IsSignedBy(key.PublicKey, report.Sign(key)));
        Assert.False((report with { TimestampMs = 1 }).IsSignedBy(key.PublicKey, report.Sign(key)));
    }

    [Theory]
    [InlineData("\"v\":1", "\"v\":2")]
    [InlineData("\"v\":1", "\"v\":1,\"w\":1")]
    [InlineData("\"v\":1", "\"v\": 1")]
    [InlineData("\"action\":\"add\"", "\"action\":\"drop\"")]
    [InlineData("\"action\":\"add\"", "\"action\":\"revoke\"")]
    [InlineData("\"sequence\":1", "\"sequence\":0")]
    [InlineData("BLACKLIST_GENESIS", "GENESIS")]
    [InlineData("manual_review", "bad_mood")]
    [InlineData("spam — é", "he is a@b.example")]
    [InlineData("spam — é", "from 10.1.2.3")]
    [InlineData("agent-1", "a")]
    [InlineData("00000000-0000-4000-8000-0000000000b1", "00000000-0000-4000-8000-0000000000B1")]
    [InlineData("\"evidenceSignatureVerified\":false", "\"evidenceRef\":null,\"evidenceSignatureVerified\":false")]
    public void What_breaks_the_form_is_no_event(string old, string changed) =>
        Assert.False(SignedBlacklistEvent.TryRead(Encoding.UTF8.GetBytes(Body.Replace(old, changed, StringComparison.Ordinal)), Hash, Signature, out _));

    [Fact]
    public void Members_that_are_shown_but_not_signed_are_found()
    {
        var shown = new SampleBlacklist("coord-1", 0).Add("agent-1").Show();
        shown["agentId"] = "agent-2";

        Assert.False(SignedBlacklistEvent.TryRead(shown, out _));
    }

    [Fact]
    public void Each_tampering_of_an_audit_has_its_code()
    {
        var own = new SampleBlacklist("coord-1", 0);
        var peer = new SampleBlacklist("coord-2", 32);
        own.Revoke(own.Add("agent-1"));
        peer.Add("agent-2");
        peer.Add("agent-3");
        var keys = new Dictionary<string, VerifyingKey> { ["coord-1"] = own.Key.PublicKey, ["coord-2"] = peer.Key.PublicKey };
        BlacklistFinding Check(Action<JsonObject> change, IReadOnlyDictionary<string, VerifyingKey>? known = null)
        {
            var audit = SampleBlacklist.Audit("coord-1", [.. own.Events, .. peer.Events]);
            change(audit);
            return BlacklistVerifier.Check(Encoding.UTF8.GetBytes(audit.ToJsonString()), "coord-1", known ?? keys);
        }

        Assert.Equal((null, 4), (Check(_ => { }).Fault, Check(_ => { }).EventsVerified));
        Assert.Equal(BlacklistFault.RequestFailed, Check(a => a.Remove("events")).Fault);
        Assert.Equal(BlacklistFault.EventHashMismatch, Check(a => a["events"]![1]!["eventHash"] = new string('0', 64)).Fault);
        Assert.Equal(BlacklistFault.HashChainBreak, Check(a => a["events"]!.AsArray().RemoveAt(0)).Fault);
        Assert.Equal(BlacklistFault.HashChainBreak, Check(a => a["events"]!.AsArray().Add(a["events"]![3]!.DeepClone())).Fault);
        Assert.Equal(BlacklistFault.MissingCoordinatorKey, Check(_ => { }, new Dictionary<string, VerifyingKey> { ["coord-1"] = own.Key.PublicKey }).Fault);
        Assert.Equal(BlacklistFault.CoordinatorSignatureInvalid, Check(_ => { }, new Dictionary<string, VerifyingKey> { ["coord-1"] = own.Key.PublicKey, ["coord-2"] = own.Key.PublicKey }).Fault);
        Assert.Equal(BlacklistFault.ChainHeadMismatch, Check(a => a["chainHead"] = "BLACKLIST_GENESIS").Fault);
        Assert.Equal(BlacklistFault.ChainHeadMismatch, Check(a => a["events"]!.AsArray().RemoveAt(3)).Fault);
    }
}
