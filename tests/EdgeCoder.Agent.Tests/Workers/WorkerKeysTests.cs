using EdgeCoder.Agent.Workers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>Keys last, belong to one id, and hand over by statement (coordinator-and-mesh 2.1, 3.1; environment E11).</summary>
public sealed class WorkerKeysTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_restart_keeps_both_keys_and_they_are_open_to_the_owner_alone()
    {
        using var first = WorkerKeys.Open(_directory["keys"], "node-1");
        using var second = WorkerKeys.Open(_directory["keys"], "node-1");

        Assert.Equal(first.Signing.PublicKey, second.Signing.PublicKey);
        Assert.Equal(first.Envelope.PublicKey, second.Envelope.PublicKey);
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(Directory.EnumerateFiles(_directory["keys"]), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        }
    }

    [Fact]
    public void Another_id_over_a_key_stops_with_advice()
    {
        WorkerKeys.Open(_directory["keys"], "node-1").Dispose();

        var fault = Assert.Throws<WorkerException>(() => WorkerKeys.Open(_directory["keys"], "node-2"));

        Assert.Equal("agent_id_changed", fault.Code);
        Assert.Contains("AGENT_ID=node-1", fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_key_is_told_and_never_replaced()
    {
        WorkerKeys.Open(_directory["keys"], "node-1").Dispose();
        File.WriteAllText(_directory["keys/signing.pem"], "damaged");

        Assert.Equal("key_unreadable", Assert.Throws<WorkerException>(() => WorkerKeys.Open(_directory["keys"], "node-1")).Code);
        Assert.Equal("damaged", File.ReadAllText(_directory["keys/signing.pem"]));
    }

    [Fact]
    public void A_rotation_is_signed_by_the_old_key_waits_over_restarts_and_is_the_same_when_asked_again()
    {
        byte[] statement;
        using (var keys = WorkerKeys.Open(_directory["keys"], "node-1"))
        {
            statement = keys.Rotate(5);
            Assert.Equal(statement, keys.Rotate(9));
        }

        using var again = WorkerKeys.Open(_directory["keys"], "node-1");
        Assert.Null(SignedDocument.Verify(DocumentContexts.AgentRotation, statement, again.Signing.PublicKey));
        var read = SignedDocument.Read(statement, MeshJson.Default.AgentRotation)!;
        Assert.Equal(("node-1", again.Signing.PublicKey.KeyId, again.Rotation!.Value.Key.PublicKey.Pem), (read.AgentId, read.OldKeyId, read.NewPublicKeyPem));
    }

    [Fact]
    public void A_process_killed_while_it_promoted_goes_on_with_the_new_key()
    {
        string next;
        using (var keys = WorkerKeys.Open(_directory["keys"], "node-1"))
        {
            keys.Rotate(5);
            next = keys.Rotation!.Value.Key.ToPem();
        }

        // The new key took the old one's place, and the rest was not removed yet.
        File.WriteAllText(_directory["keys/signing.pem"], next);
        using var again = WorkerKeys.Open(_directory["keys"], "node-1");

        Assert.Null(again.Rotation);
        Assert.False(File.Exists(_directory["keys/rotation.json"]));
        Assert.Equal(next, again.Signing.ToPem());
    }

    [Fact]
    public void A_join_code_is_read_back_as_it_was_written()
    {
        var code = new JoinCode("https://one.example.org", "node-1", "token-of-ten-or-more");

        Assert.StartsWith("ec1_", code.ToString(), StringComparison.Ordinal);
        Assert.Equal(code, JoinCode.Parse($" {code}\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ec1_")]
    [InlineData("ec1_!!!")]
    [InlineData("ec2_eyJ1IjoiIn0")]
    [InlineData("ec1_bnVsbA")]
    public void What_is_no_join_code_is_refused_without_repeating_it(string text)
    {
        var fault = Assert.Throws<WorkerException>(() => JoinCode.Parse(text));

        Assert.Equal("join_code_invalid", fault.Code);
    }

    [Theory]
    [InlineData("http://one.example.org", "node-1", "token-of-ten-or-more")]
    [InlineData("https://one.example.org", "no", "token-of-ten-or-more")]
    [InlineData("https://one.example.org", "node-1", "short")]
    public void A_code_with_an_open_address_a_bad_id_or_a_short_token_is_refused(string url, string id, string token) =>
        Assert.DoesNotContain(token, Assert.Throws<WorkerException>(() => JoinCode.Parse(new JoinCode(url, id, token).ToString())).Message, StringComparison.Ordinal);

    [Fact]
    public void A_state_file_that_is_not_whole_is_told_because_it_holds_the_pins()
    {
        _directory.Write("worker.json", "{\"pins\":{");

        Assert.Equal("worker_state_damaged", Assert.Throws<WorkerException>(() => new WorkerState(_directory["worker.json"]).Memory).Code);
    }
}
