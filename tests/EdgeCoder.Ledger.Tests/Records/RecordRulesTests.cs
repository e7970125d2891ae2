using System.Text;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;

namespace EdgeCoder.Ledger.Tests.Records;

/// <summary>What may stand in a log that everybody may read (economy-and-ledger 10, 18).</summary>
public sealed class RecordRulesTests
{
    [Theory]
    [InlineData("task_claim", null)]
    [InlineData("task_requeue", """{"reason":"deadline_passed"}""")]
    [InlineData("node_approval", """{"activationReason":null,"approved":true,"operatorId":"op-1"}""")]
    [InlineData("receipt", """{"agentId":"a1","priceMc":12345,"verdict":"accepted","inputHash":"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}""")]
    [InlineData("key_rotation", """{"v":1,"anything":{"of":["its",1]}}""")]
    public void What_the_table_names_passes(string type, string? payload) => Assert.Null(Fault(type, payload));

    [Theory]
    [InlineData("task_claim", """{"attempt":1}""")]
    [InlineData("task_requeue", """{"reason":"x","prompt":"y"}""")]
    [InlineData("task_requeue", """{"reason":{"more":1}}""")]
    [InlineData("receipt", """{"priceMc":1.5}""")]
    [InlineData("receipt", """["priceMc"]""")]
    [InlineData("receipt", """{"priceMc":""")]
    [InlineData("task_requeue", """{"reason":"write to ann@example.org"}""")]
    [InlineData("task_requeue", """{"reason":"from 192.0.2.7:4301"}""")]
    [InlineData("task_requeue", """{"reason":"from [2001:db8::17]"}""")]
    [InlineData("key_rotation", """{"v":1,"deep":[{"host":"198.51.100.4"}]}""")]
    [InlineData("party", null)]
    public void Everything_else_is_refused(string type, string? payload) => Assert.NotNull(Fault(type, payload));

    [Theory]
    [InlineData("agent:10.0.0.1")]
    [InlineData("agent:fe80::1")]
    [InlineData("ann@example.org")]
    public void Ids_that_are_addresses_are_refused(string id)
    {
        Assert.NotNull(RecordRules.Fault("task_claim", id, null, "a1", []));
        Assert.NotNull(RecordRules.Fault("task_claim", "t", id, "a1", []));
        Assert.NotNull(RecordRules.Fault("task_claim", "t", null, id, []));
    }

    [Theory]
    [InlineData("account:team:blue")]
    [InlineData("qwen2.5-coder-0.5b.q4")]
    [InlineData("12:30:45")]
    [InlineData("v1.2.3-rc.4-x")]
    [InlineData("MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGRBJVMbg=")]
    public void Ids_that_only_resemble_them_pass(string id) => Assert.False(RecordRules.Identifies(id));

    [Theory]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/2/x001/x234/067.p/17", 2, 1234067, 17)]
    [InlineData("tile/entries/x001/000", -1, 1000, 256)]
    public void Paths_of_tiles_are_read(string path, int level, long index, int width)
    {
        Assert.True(TilePath.TryParse(path, out var readLevel, out var readIndex, out var readWidth));
        Assert.Equal((level, index, width), (readLevel, readIndex, readWidth));
    }

    [Theory]
    [InlineData("tile/0/0")]
    [InlineData("tile/00/000")]
    [InlineData("tile/0/x000/000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/007")]
    [InlineData("tile/0/../../coordinator.db")]
    [InlineData("checkpoint")]
    public void Another_spelling_of_a_path_is_none(string path) => Assert.False(TilePath.TryParse(path, out _, out _, out _));

    private static string? Fault(string type, string? payload) => RecordRules.Fault(type, "t-1", "s-1", "worker-a", payload is null ? [] : Encoding.UTF8.GetBytes(payload));
}
