using EdgeCoder.Ledger.Transfers;

namespace EdgeCoder.Ledger.Tests.Transfers;

public sealed class TransferIdTests
{
    [Fact]
    public void The_same_event_has_the_same_id_and_another_has_another()
    {
        Assert.Equal(TransferId.Of("lease", "a"), TransferId.Of("lease", "a"));
        Assert.NotEqual(TransferId.Of("lease", "a"), TransferId.Of("lease", "b"));
        Assert.NotEqual(TransferId.Of("lease", "a"), TransferId.Of("lease_void", "a"));
    }

    [Fact]
    public void An_id_is_the_first_half_of_the_documented_hash() =>
        // printf 'edgecoder/transfer/v1\ntask_reserve\nt-1' | sha256sum
        Assert.Equal(Expected, TransferId.Of("task_reserve", "t-1"));

    private const string Expected = "c3eabfb3a2c3745b44e349c32db58c8b";
}
