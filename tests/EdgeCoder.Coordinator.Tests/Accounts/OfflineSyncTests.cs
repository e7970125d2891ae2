using System.Text.Json;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Tests.Composition;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Offline;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Accounts;

/// <summary>Work that two machines settled without a coordinator (economy-and-ledger 17, 22 F7), on the composed coordinator.</summary>
public sealed class OfflineSyncTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>, IAsyncLifetime
{
    private static readonly SigningKey Provider = SigningKey.Generate();
    private static int _made;

    private string _allowance = "";

    private OfflineSync Sync => coordinator.Role.Services.GetRequiredService<OfflineSync>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Caller Requester => new() { Kind = CallerKinds.Agent, Name = "agent-approved", Accounts = ["acct-owner"] };

    public async ValueTask InitializeAsync()
    {
        await coordinator.Role.EnrolEmbeddedAsync("agent-provider", Provider.PublicKey.Pem, "acct-provider", Stop);
        _allowance = $"allowance-{Interlocked.Increment(ref _made)}";
        await OpenAsync(_allowance, "10", "6.5");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_both_signed_is_paid_once_out_of_what_was_held()
    {
        var before = await BalanceAsync("acct-provider");
        var transaction = Transaction(2_500);

        Assert.Equal([transaction.TxId], (await SyncAsync(Signed(transaction))).Applied);
        Assert.Equal([transaction.TxId], (await SyncAsync(Signed(transaction))).Applied);

        Assert.Equal(before + 2.5m, await BalanceAsync("acct-provider"));
        Assert.Equal(0, await BalanceAsync(SystemAccounts.Offline));
        Assert.Equal(7_500, await coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch => batch.Query("SELECT held_mc FROM offline_allowances WHERE allowance_id = $1", row => row.Number(0), _allowance)[0], Stop));
        Assert.True((await coordinator.Role.Services.GetRequiredService<BookCheck>().RunAsync(Stop)).Ok);
    }

    [Theory]
    [InlineData("unknown allowance", "allowance_missing")]
    [InlineData("unknown provider", "unknown_party")]
    [InlineData("no signature", "invalid_signature")]
    [InlineData("swapped signatures", "invalid_signature")]
    [InlineData("changed amount", "invalid_signature")]
    [InlineData("nothing", "invalid_signature")]
    [InlineData("not canonical", "invalid_signature")]
    [InlineData("a third account", "account_mismatch")]
    [InlineData("another account of the requester", "account_mismatch")]
    [InlineData("tomorrow", "future_dated")]
    [InlineData("before the allowance", "allowance_expired")]
    [InlineData("more than one provider gets", "allowance_exhausted")]
    [InlineData("same id, other content", "transfer_id_conflict")]
    public async Task Everything_else_is_left_alone_with_its_reason(string case_, string reason)
    {
        var honest = Transaction(1_000);
        var changed = case_ switch
        {
            "unknown allowance" => honest with { AllowanceId = "allowance-unknown" },
            "unknown provider" => honest with { ProviderId = "agent-unknown" },
            "nothing" => honest with { CreditsMc = 0 },
            "a third account" => honest with { RequesterAccountId = "acct-third" },
            "another account of the requester" => honest with { ProviderAccountId = "acct-owner" },
            "tomorrow" => honest with { TimestampMs = honest.TimestampMs + 86_400_000 },
            "before the allowance" => honest with { TimestampMs = honest.TimestampMs - 86_400_000 },
            "more than one provider gets" => honest with { CreditsMc = 6_501 },
            _ => honest,
        };
        var signed = Signed(changed);
        signed = case_ switch
        {
            "no signature" => signed with { RequesterSignature = null },
            "swapped signatures" => signed with { RequesterSignature = signed.ProviderSignature, ProviderSignature = signed.RequesterSignature },
            "changed amount" => signed with { Body = Convert.ToBase64String((honest with { CreditsMc = 2_000 }).ToBytes()) },
            "not canonical" => signed with { Body = Convert.ToBase64String([.. honest.ToBytes(), (byte)' ']) },
            _ => signed,
        };
        var paid = case_ == "same id, other content";
        if (paid)
        {
            await SyncAsync(signed);
            signed = Signed(honest with { CreditsMc = 1_001 });
        }

        var before = await BalanceAsync("acct-owner");
        var answer = await SyncAsync(signed);

        Assert.Empty(answer.Applied);
        Assert.Equal(reason, Assert.Single(answer.SkippedReasons).Value);
        Assert.Equal(before, await BalanceAsync("acct-owner"));
    }

    [Fact]
    public async Task An_allowance_is_asked_for_once_by_its_own_agent_and_covered_by_its_account()
    {
        var first = await OpenAsync(_allowance, "10", "6.5");
        Assert.Equal(first.Allowance.Signed, (await OpenAsync(_allowance, "10", "6.5")).Allowance.Signed);
        Assert.Equal("allowance_exists", (await Assert.ThrowsAsync<Refusal>(() => OpenAsync(_allowance, "11", "6.5"))).Error);
        Assert.Equal("insufficient_credits", (await Assert.ThrowsAsync<Refusal>(() => OpenAsync("allowance-rich", "9000000", "1"))).Error);
        Assert.Equal("amount_precision", (await Assert.ThrowsAsync<Refusal>(() => OpenAsync("allowance-fine", "1.0001", "1"))).Error);
        Assert.Equal("account_forbidden", (await Assert.ThrowsAsync<Refusal>(() => OpenAsync("allowance-other", "1", "1", account: "acct-provider"))).Error);
    }

    [Fact]
    public void The_vector_of_the_specification_is_what_is_signed()
    {
        var transaction = new OfflineTransaction
        {
            V = 1,
            TxId = "00000000-0000-4000-8000-0000000000e1",
            AllowanceId = "00000000-0000-4000-8000-0000000000e0",
            RequesterId = "dev-r",
            ProviderId = "dev-p",
            RequesterAccountId = "acct-r",
            ProviderAccountId = "acct-p",
            CreditsMc = 8_642,
            CpuMs = 12_346,
            TaskHash = "d287bb7f9d15abdc5b6e98536263815744b6ef21c8f3c839fc434ca70d8efe99",
            TimestampMs = 1_700_000_000_000,
        };
        using var requester = SigningKey.FromSeed([.. Enumerable.Range(0x40, 32).Select(b => (byte)b)]);
        using var provider = SigningKey.FromSeed([.. Enumerable.Range(0x60, 32).Select(b => (byte)b)]);

        Assert.Equal("49IOM48ViFE8krfoj4LOboatnU1B36bHRGem92nwn0C6LuapWnI4uXnLyVDhliVBQGSwgzlDxFrwoIzxYO+cBg==", OfflineTransaction.Sign(transaction.ToBytes(), requester));
        Assert.Equal("I2VJlPJL+cP2JOWHzam02IMyHNsxJUjPQ0suTZE+52WsybQNJzd75JRzDL25SXEcR0JVhlV71Qxijz1gvwUlDg==", OfflineTransaction.Sign(transaction.ToBytes(), provider));
        Assert.Equal(transaction, OfflineTransaction.Read(transaction.ToBytes()));
    }

    private OfflineTransaction Transaction(long mc) => new()
    {
        V = 1,
        TxId = Guid.NewGuid().ToString(),
        AllowanceId = _allowance,
        RequesterId = "agent-approved",
        ProviderId = "agent-provider",
        RequesterAccountId = "acct-owner",
        ProviderAccountId = "acct-provider",
        CreditsMc = mc,
        CpuMs = mc,
        TaskHash = new('a', 64),
        TimestampMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
    };

    private SyncedTransaction Signed(OfflineTransaction transaction)
    {
        var bytes = transaction.ToBytes();
        return new(Convert.ToBase64String(bytes), OfflineTransaction.Sign(bytes, coordinator.Approved), OfflineTransaction.Sign(bytes, Provider));
    }

    private Task<SyncAnswer> SyncAsync(SyncedTransaction transaction) => Sync.RunAsync(new([transaction]), Requester, Stop);

    private async Task<AllowanceAnswer> OpenAsync(string id, string limit, string perProvider, string account = "acct-owner") =>
        await coordinator.Role.Services.GetRequiredService<OfflineAllowances>().OpenAsync(new(id, "agent-approved", account, Number(limit), Number(perProvider), 3_600_000), Requester, Stop);

    private async Task<decimal> BalanceAsync(string account) => await coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
        batch =>
        {
            TransferBook.Open(batch, account, "user", 0);
            return AccountReads.Balance(batch, account, 0).Balance;
        },
        Stop);

    private static JsonElement Number(string text) => JsonDocument.Parse(text).RootElement;
}
