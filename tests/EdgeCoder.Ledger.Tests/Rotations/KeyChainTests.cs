using CsCheck;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Tests.Rotations;

/// <summary>A key changes by a statement of the old and the new key, and in no other way (economy-and-ledger 16.2, F27).</summary>
public sealed class KeyChainTests
{
    private const string Peer = RotatedLog.Peer;
    private const long NowMs = 1_800_000_000_000;
    private const long DayMs = RotatedLog.DayMs;
    private readonly SigningKey _old = SigningKey.Generate();
    private readonly SigningKey _new = SigningKey.Generate();
    private readonly SigningKey _other = SigningKey.Generate();

    [Fact]
    public void A_statement_of_both_keys_is_followed()
    {
        var chain = Begun();
        Assert.Null(chain.TryFollow(SignedKeyStatement.Change(Peer, _old, _new, NowMs + DayMs).Bytes, out var longer));
        Assert.Equal([new(_old.PublicKey, 0, NowMs + (3 * DayMs)), new KeyPeriod(_new.PublicKey, NowMs + DayMs, null)], longer!.Periods);
    }

    public static TheoryData<string, KeyFault> Wrong => new()
    {
        { "only new", KeyFault.OldSignatureInvalid },
        { "only old", KeyFault.NewSignatureInvalid },
        { "other coordinator", KeyFault.OtherCoordinator },
        { "other old key", KeyFault.NotNext },
        { "no old key", KeyFault.NotNext },
        { "same key", KeyFault.NotNext },
        { "before the key before", KeyFault.TimesInvalid },
        { "long overlap", KeyFault.TimesInvalid },
        { "overlap backwards", KeyFault.TimesInvalid },
        { "another key's id", KeyFault.KeyIdMismatch },
        { "a member more", KeyFault.NotCanonical },
        { "a space", KeyFault.NotCanonical },
        { "version", KeyFault.UnknownVersion },
        { "nothing", KeyFault.NotCanonical },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Nothing_else_is_followed(string what, KeyFault fault) => Assert.Equal(fault, Begun().TryFollow(Statement(what), out _));

    [Fact]
    public void What_was_followed_once_is_not_followed_again_nor_back_to_an_earlier_key()
    {
        var statement = SignedKeyStatement.Change(Peer, _old, _new, NowMs + DayMs);
        Assert.Null(Begun().TryFollow(statement.Bytes, out var chain));
        Assert.Equal(KeyFault.NotNext, chain!.TryFollow(statement.Bytes, out _));
        Assert.Equal(KeyFault.NotNext, chain.TryFollow(SignedKeyStatement.Change(Peer, _new, _old, NowMs + (2 * DayMs)).Bytes, out _));
        Assert.Equal(KeyFault.NotNext, chain.TryFollow(SignedKeyStatement.Change(Peer, _old, _other, NowMs + (2 * DayMs)).Bytes, out _));
    }

    [Fact]
    public void Of_chains_with_one_to_five_rotations_only_a_beginning_is_a_chain()
    {
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 5], Gen.Int[0, 5]).Sample(
            (rotations, cut, swap) =>
            {
                using var log = new RotatedLog(rotations);
                var whole = log.Statements;
                Assert.Null(KeyChain.TryRead(Peer, whole, out var chain));
                Assert.Equal(log.Keys.Select(key => key.PublicKey.KeyId), chain!.Periods.Select(period => period.Key.KeyId));

                // What is left when the end is cut off is a shorter chain; every other cut is none.
                cut = Math.Min(cut, rotations);
                var without = whole.Where((_, at) => at != cut).ToList();
                Assert.Equal(cut == rotations && without.Count > 0, KeyChain.TryRead(Peer, without, out _) is null);
                swap = Math.Min(swap, rotations - 1);
                List<string> swapped = [.. whole];
                (swapped[swap], swapped[swap + 1]) = (swapped[swap + 1], swapped[swap]);
                Assert.NotNull(KeyChain.TryRead(Peer, swapped, out _));
            },
            iter: 40);
    }

    [Fact]
    public void Any_changed_byte_of_a_statement_breaks_the_chain()
    {
        using var log = new RotatedLog();
        var bytes = Convert.FromBase64String(log.Statements[1]);
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            Assert.True(KeyChain.TryRead(Peer, [log.Statements[0], Convert.ToBase64String(changed)], out _) is not null, $"byte {at}");
        }
    }

    private KeyChain Begun() => KeyChain.TryBegin(Peer, SignedKeyStatement.Announce(Peer, _old, NowMs).Bytes, out var chain) is null ? chain! : throw new InvalidOperationException();

    private byte[] Statement(string what)
    {
        var valid = SignedKeyStatement.Change(Peer, _old, _new, NowMs + DayMs);
        var text = System.Text.Encoding.UTF8.GetString(valid.Bytes);
        return what switch
        {
            "only new" => Changed(text.Replace(valid.Statement.OldSignature!, valid.Statement.Signature!, StringComparison.Ordinal)),
            "only old" => Changed(text.Replace(valid.Statement.Signature!, valid.Statement.OldSignature!, StringComparison.Ordinal)),
            "other coordinator" => SignedKeyStatement.Change("coord-other", _old, _new, NowMs + DayMs).Bytes,
            "other old key" => SignedKeyStatement.Change(Peer, _other, _new, NowMs + DayMs).Bytes,
            "no old key" => SignedKeyStatement.Announce(Peer, _new, NowMs + DayMs).Bytes,
            "same key" => SignedKeyStatement.Change(Peer, _old, _old, NowMs + DayMs).Bytes,
            "before the key before" => SignedKeyStatement.Change(Peer, _old, _new, NowMs - 1).Bytes,
            "long overlap" => SignedKeyStatement.Sign(Peer, _old, _new, NowMs + DayMs, NowMs + (3 * DayMs) + 1).Bytes,
            "overlap backwards" => SignedKeyStatement.Sign(Peer, _old, _new, NowMs + DayMs, NowMs + DayMs - 1).Bytes,
            "another key's id" => Changed(text.Replace(_new.PublicKey.KeyId, _other.PublicKey.KeyId, StringComparison.Ordinal)),
            "a member more" => Changed(text[..^1] + ",\"w\":1}"),
            "a space" => Changed(text.Replace("\"v\":1", "\"v\": 1", StringComparison.Ordinal)),
            "version" => Changed(text.Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal)),
            _ => [],
        };

        static byte[] Changed(string changed) => System.Text.Encoding.UTF8.GetBytes(changed);
    }
}
