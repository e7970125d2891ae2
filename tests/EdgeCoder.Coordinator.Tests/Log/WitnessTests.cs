using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Coordinator.Equivocations;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Log;

/// <summary>A witness cosigns one history of a log and never goes back (economy-and-ledger 9.5, 22 F17; C2SP tlog-witness).</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private const string Origin = "edgecoder/coord-other";
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly List<byte[]> _leaves = [.. Enumerable.Range(0, 40).Select(n => TreeHash.Leaf(Encoding.UTF8.GetBytes(n.ToString(CultureInfo.InvariantCulture))))];
    private RunningLog? _log;

    private RunningLog Log => _log!;

    public async ValueTask InitializeAsync()
    {
        _log = await RunningLog.StartAsync();
        await _log.ApproveAsync("coord-other", _key.PublicKey);
    }

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task Growing_checkpoints_are_cosigned()
    {
        var first = await AddAsync(0, 10);
        var second = await AddAsync(10, 33);
        Assert.Equal((200, 200), (first.Status, second.Status));
        var note = Note(33, Root(33));
        Assert.True(SignedNote.TryParse(note + second.Body, out var cosigned));
        Assert.True(cosigned.IsSignedBy(NoteKey.Of("edgecoder/" + RunningLog.Peer, NoteKeyType.Cosignature, Log.Key.PublicKey)));
    }

    [Fact]
    public async Task Another_old_size_is_told_the_known_one()
    {
        await AddAsync(0, 10);
        var answer = await AddAsync(5, 20);
        Assert.Equal((409, "10\n", "text/x.tlog.size"), (answer.Status, answer.Body, answer.MediaType));
    }

    [Fact]
    public async Task A_wrong_proof_convicts_nobody()
    {
        await AddAsync(0, 10);
        Assert.Equal(422, (await SendAsync(10, Proof(10, 20), Note(20, RandomNumberGenerator.GetBytes(32)))).Status);
        Assert.Equal(422, (await SendAsync(10, [], Note(20, Root(20)))).Status);
        Assert.Equal(200, (await AddAsync(10, 20)).Status);
        Assert.Empty((await Equivocations.ListAsync(TestContext.Current.CancellationToken)).Equivocations);
    }

    [Fact]
    public async Task Another_root_of_one_size_is_evidence_and_ends_the_peer()
    {
        await AddAsync(0, 10);
        Assert.Equal(409, (await SendAsync(10, [], Note(10, RandomNumberGenerator.GetBytes(32)))).Status);
        await ConvictedAsync();
    }

    [Fact]
    public async Task A_proof_from_another_beginning_is_evidence_and_ends_the_peer()
    {
        await AddAsync(0, 11);
        _leaves[3] = TreeHash.Leaf([1, 2, 3]);
        Assert.Equal(422, (await AddAsync(11, 30)).Status);
        await ConvictedAsync();
    }

    private async Task ConvictedAsync()
    {
        var evidence = Convert.FromBase64String(Assert.Single((await Equivocations.ListAsync(TestContext.Current.CancellationToken)).Equivocations).Evidence);
        Assert.Null(EquivocationVerifier.Check(evidence, new([NoteKey.Of(Origin, NoteKeyType.Ed25519, _key.PublicKey)], 0)));
        Assert.Equal(404, (await AddAsync(11, 40)).Status);
        Assert.Equal(1, await Log.CountAsync("SELECT COUNT(*) FROM log_events WHERE event_type = 'security_event'"));
    }

    [Fact]
    public async Task Whoever_is_unknown_or_did_not_sign_is_refused()
    {
        using var stranger = SigningKey.Generate();
        Assert.Equal(403, (await SendAsync(0, [], Note(10, Root(10), by: stranger))).Status);
        Assert.Equal(404, (await SendAsync(0, [], Note(10, Root(10), origin: "edgecoder/coord-nobody"))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("old 0\n")]
    [InlineData("old 00\n\n{note}")]
    [InlineData("old -1\n\n{note}")]
    [InlineData("new 0\n\n{note}")]
    [InlineData("old 0\nAAAA\n\n{note}")]
    [InlineData("old 11\n\n{note}")]
    public async Task A_malformed_request_is_refused(string text) =>
        Assert.Equal(400, (await Desk.AddAsync(Encoding.UTF8.GetBytes(text.Replace("{note}", Note(10, Root(10)), StringComparison.Ordinal)), TestContext.Current.CancellationToken)).Status);

    [Fact]
    public async Task Callers_at_once_never_roll_it_back()
    {
        await AddAsync(0, 1);
        var answers = await Task.WhenAll(Enumerable.Range(2, 30).Select(size => AddAsync(1, size)));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(29, answers.Count(answer => answer.Status == 409));
    }

    private LogEquivocations Equivocations => Log.Services.GetRequiredService<LogEquivocations>();

    private WitnessDesk Desk => Log.Services.GetRequiredService<WitnessDesk>();

    private Task<WitnessAnswer> AddAsync(long old, long size) => SendAsync(old, old == 0 ? [] : Proof(old, size), Note(size, Root(size)));

    private Task<WitnessAnswer> SendAsync(long old, IReadOnlyList<byte[]> proof, string note) => Desk.AddAsync(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"old {old}\n{string.Concat(proof.Select(hash => Convert.ToBase64String(hash) + "\n"))}\n{note}")), TestContext.Current.CancellationToken);

    private string Note(long size, byte[] root, string origin = Origin, SigningKey? by = null)
    {
        var checkpoint = new Checkpoint(origin, size, root);
        return new SignedNote(checkpoint.Text, [NoteSignature.Sign(checkpoint.Text, origin, by ?? _key)]).ToString();
    }

    private byte[] Root(long size) => SubtreeHash.RootOf(new Hashes(_leaves), size);

    private IReadOnlyList<byte[]> Proof(long first, long second) => ConsistencyProof.Make(new Hashes(_leaves), first, second);

    private sealed class Hashes(List<byte[]> leaves) : ITreeHashes
    {
        public byte[] this[TreeNode node] => node.Level == 0
            ? leaves[(int)node.Index]
            : TreeHash.Node(this[new(node.Level - 1, node.Index * 2)], this[new(node.Level - 1, (node.Index * 2) + 1)]);
    }
}
