using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Records;

/// <summary>The log of three records that the specification computes (economy-and-ledger 21.3).</summary>
internal static class SpecificationLog
{
    public const string Body1 = """{"actorId":"worker-a","coordinatorId":"coord-1","eventType":"task_claim","id":"00000000-0000-4000-8000-000000000001","issuedAtMs":1700000000000,"prevHash":"GENESIS","sequence":1,"subtaskId":"s-1","taskId":"t-1","v":1}""";
    public const string Hash1 = "e2a44991eed79660a275cf71d28e3c8443327698b8d583711edc7ca62da0c982";
    public const string Signature1 = "9MSKj5Yeq6PHykoOd2CONbNCZs+kL6KCVzM3bsYS/ypVsTIwObaLZ6tHuf5Je8EUt1prExNAZd3XFNR/L7nVCQ==";
    public const string LeafHash1 = "a8060d2c16c18b0143ac7fb5451624aa9e3d858a204491b4169d80e97656fec3";
    public const string Body2 = """{"actorId":"a1","coordinatorId":"coord-1","eventType":"node_approval","id":"00000000-0000-4000-8000-000000000002","issuedAtMs":1700000000001,"payloadJson":{"activationReason":null,"approved":true,"operatorId":"op-1"},"prevHash":"e2a44991eed79660a275cf71d28e3c8443327698b8d583711edc7ca62da0c982","sequence":2,"taskId":"agent:a1","v":1}""";
    public const string Hash2 = "2ee2ed91e9dd6619ae77abb680c7c99608dfcdd715bf73779e73f1f4d498daee";
    public const string Signature2 = "gRjJLSaxo5aI0xRaBgJqU4MEONBuspBy04U4/uX5bK9gT2JEBlDT16A3s/bjdgabBX0/ZMI2gahn7XAeyhMiBw==";
    public const string LeafHash2 = "7821039ec220e3ca262cc3dfee7bf4fe04edc6eb62a40057b2d0bec424c6de81";
    public const string Hash3 = "00e5693b4ae29db6b6e739b8960a9f1dcd091b2347d46d042acfe67e004c382a";
    public const string Signature3 = "JwCy6A/2vr3pC1HOeXha7K6w1+eK5JHQYclLoSF0VbLi/hJ+mMrZMnGHWwOxWmlnplZPdA7w1D7seHANRB8GCw==";
    public const string LeafHash3 = "b8650fa220adfc3ed945289de8db897936a8adee884776e8c6b2eb3eeaaf7376";
    public const string Root2 = "74ac80f156fe2fdbbdcc9329775f3461505e178c1131507654c4df7306fa60ff";
    public const string Root3 = "0113aef7821c23c723de66930e775c5b2004251c47d20eb631272614e7a3e42f";
    public const string LogKey = "edgecoder/coord-1+64c52a6e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    public const string WitnessKey = "edgecoder/coord-2+2906fa70+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
    public const string CheckpointHash = "ef25ba4a5ef017b6d1c7ef5ab0b44bfeef5955e83002afb10897d3ea90f13d2d";
    public const string AnchorPayload = "454301ef25ba4a5ef017b6d1c7ef5ab0b44bfeef5955e83002afb10897d3ea90f13d2d";

    public const string Note =
        "edgecoder/coord-1\n3\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C8=\n\n"
        + "\u2014 edgecoder/coord-1 ZMUqblBBAfCTGJ21SHPFYWHQmrAO/ABL7mwYA0PqxsQT9KRepIgqkjx//PYfzPS+Ym6Ynn/xS+Ns5D18WotNQ2ZaVwo=\n"
        + "\u2014 edgecoder/coord-2 KQb6cAAAAABlU/EAUr4wVS1Bu5bsWY0b2XG/DcpLn+Dvfccz4RiPs1HmAu3+biaAPbES5QEDf6Rfj4vj/YlVkcRW3LaLtScOtMsdAA==\n";

    /// <summary>The coordinator's key: seed 00 to 1f.</summary>
    public static SigningKey C => SigningKey.FromSeed([.. Enumerable.Range(0, 32).Select(n => (byte)n)]);

    /// <summary>The witness's key: seed 20 to 3f.</summary>
    public static SigningKey W => SigningKey.FromSeed([.. Enumerable.Range(32, 32).Select(n => (byte)n)]);

    /// <summary>The leaves of its three records, signed here.</summary>
    public static IReadOnlyList<RecordLeaf> Leaves { get; } = [RecordLeaf.Sign(Read(Body1), C), RecordLeaf.Sign(Read(Body2), C), RecordLeaf.Sign(Receipt, C)];

    private static OrderingRecord Receipt => new()
    {
        V = 1,
        Id = "00000000-0000-4000-8000-000000000003",
        EventType = "receipt",
        TaskId = "t-1",
        SubtaskId = "s-1",
        ActorId = "worker-a",
        Sequence = 3,
        IssuedAtMs = 1700000000002,
        PrevHash = Hash2,
        CoordinatorId = "coord-1",
        PayloadJson = JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["acceptanceHash"] = Hash("acceptance"), ["agentId"] = "worker-a", ["agentKeyId"] = "03396219237f75a6", ["inputHash"] = Hash("input"), ["modelHash"] = Hash("model"),
            ["outputHash"] = Hash("output"), ["policyHash"] = Hash("policy"), ["priceMc"] = 12345, ["resultHash"] = Hash("result"), ["sandboxHash"] = Hash("sandbox"),
            ["transferId"] = "86b906997608dcad2b653d3f0a4ab010", ["verdict"] = "accepted", ["verifierId"] = "verifier-1",
        }),
    };

    private static OrderingRecord Read(string body) => JsonSerializer.Deserialize(body, LedgerJson.Default.OrderingRecord)!;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
