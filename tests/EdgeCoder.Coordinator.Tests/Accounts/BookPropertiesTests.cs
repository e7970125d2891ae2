using CsCheck;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>Random movements against a model that knows only the rules (economy-and-ledger 2, 22 F6).</summary>
public sealed class BookPropertiesTests
{
    private static readonly string[] Names = ["acct-a", "acct-b", "acct-c", SystemAccounts.FaucetMint];

    [Fact]
    public async Task Books_do_what_a_model_of_the_rules_does_and_stay_even()
    {
        await using var books = await Books.OpenAsync();
        var round = 0;
        await Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[1, 60], Gen.Int[0, 12]).Array[1, 40].SampleAsync(
            async steps =>
            {
                var run = Interlocked.Increment(ref round);
                var names = Names.Select((name, i) => i == 3 ? name : $"{name}-{run}").ToArray();
                await books.DoAsync(batch =>
                {
                    for (var i = 0; i < 3; i++)
                    {
                        TransferBook.Open(batch, names[i], "user", 0);
                    }
                });
                var model = new Model();
                foreach (var (kind, from, to, amount, which) in steps)
                {
                    if (from == to || (to == 3 && from != 3))
                    {
                        continue;
                    }

                    var transfer = Transfer(model, run, kind, names[from], names[to], amount, which);
                    if (transfer is null)
                    {
                        continue;
                    }

                    var expected = model.Try(transfer);
                    try
                    {
                        await books.DoAsync(batch => TransferChain.Run(batch, "test", transfer));
                        Assert.True(expected, $"{transfer.Phase} of {transfer.Amount} went through against the rules.");
                    }
                    catch (Refusal refusal)
                    {
                        Assert.False(expected, $"{transfer.Phase} of {transfer.Amount} was refused against the rules: {refusal.Error}");
                    }
                }

                for (var i = 0; i < 3; i++)
                {
                    var have = await books.BalanceAsync(names[i]);
                    Assert.Equal((model.Balance(names[i]), model.Held(names[i])), have);
                    Assert.True(have.Balance - have.Held >= 0);
                }

                await books.AreEvenAsync();
            },
            iter: 15, threads: 1);
    }

    // Each step names its transfer by one of a few ids, so that ids and held amounts are met again.
    private static TransferRow? Transfer(Model model, int run, int kind, string from, string to, int amount, int which)
    {
        var key = FormattableString.Invariant($"{run}-{which}-{kind}");
        if (kind is 0 or 1)
        {
            return kind == 0 ? Books.Posted(key, from, to, amount) : Books.Pending(key, from, to, amount);
        }

        return model.Pendings.Count == 0 ? null : Books.Ends(
            kind == 2 ? TransferPhases.Post : TransferPhases.Void, key, model.Pendings[which % model.Pendings.Count], kind == 2 ? amount : model.Pendings[which % model.Pendings.Count].Amount);
    }

    private sealed class Model
    {
        private readonly Dictionary<string, TransferRow> _known = new(StringComparer.Ordinal);
        private readonly HashSet<string> _ended = new(StringComparer.Ordinal);

        public List<TransferRow> Pendings { get; } = [];

        public bool Try(TransferRow transfer)
        {
            if (_known.TryGetValue(transfer.TransferId, out var before))
            {
                return (before.Phase, before.DebitAccountId, before.CreditAccountId, before.Amount, before.PendingId)
                    == (transfer.Phase, transfer.DebitAccountId, transfer.CreditAccountId, transfer.Amount, transfer.PendingId);
            }

            var allowed = transfer.Phase switch
            {
                TransferPhases.Post => !_ended.Contains(transfer.PendingId!) && transfer.Amount <= _known[transfer.PendingId!].Amount,
                TransferPhases.Void => !_ended.Contains(transfer.PendingId!),
                _ => transfer.DebitAccountId == SystemAccounts.FaucetMint || Balance(transfer.DebitAccountId) - Held(transfer.DebitAccountId) >= transfer.Amount,
            };
            if (allowed)
            {
                _known.Add(transfer.TransferId, transfer);
                if (transfer.PendingId is { } ended)
                {
                    _ended.Add(ended);
                }
                else if (transfer.Phase == TransferPhases.Pending)
                {
                    Pendings.Add(transfer);
                }
            }

            return allowed;
        }

        public long Balance(string account) => _known.Values.Where(t => t.Phase is TransferPhases.Posted or TransferPhases.Post)
            .Sum(t => (t.CreditAccountId == account ? t.Amount : 0) - (t.DebitAccountId == account ? t.Amount : 0));

        public long Held(string account) => Pendings.Where(t => t.DebitAccountId == account && !_ended.Contains(t.TransferId)).Sum(t => t.Amount);
    }
}
