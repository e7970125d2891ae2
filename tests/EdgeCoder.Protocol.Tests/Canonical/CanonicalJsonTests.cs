using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeCoder.Protocol.Canonical;

namespace EdgeCoder.Protocol.Tests.Canonical;

public sealed class CanonicalJsonTests
{
    // RFC 8785 3.2.2 to 3.2.4.
    [Fact]
    public void Example_of_the_rfc()
    {
        const string Input = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Text(Input));
    }

    // RFC 8785 3.2.3: order by UTF-16 code units.
    [Fact]
    public void Members_are_ordered_as_in_the_rfc() => Assert.Equal(
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\",\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
        Text("""{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"""));

    // RFC 8785 appendix B, and the borders of each form.
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Numbers_are_those_of_the_rfc(ulong bits, string expected)
    {
        var value = BitConverter.UInt64BitsToDouble(bits);
        Assert.Equal(expected, CanonicalNumber.Format(value));
        Assert.Equal(expected, Text(JsonSerializer.Serialize(value)));
    }

    [Fact]
    public void Every_double_reads_back() => Gen.Double.Where(double.IsFinite).Sample(value =>
    {
        var text = CanonicalNumber.Format(value);
        return double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) == value && Text(text) == text;
    });

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":1,"\u0061":1}""")]
    [InlineData("""{"b":{"x":1,"y":2,"x":3}}""")]
    [InlineData("""{"b":2,"a":1,"b":2}""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("1e400")]
    [InlineData("[1,]")]
    [InlineData("// x\n1")]
    [InlineData("1 2")]
    [InlineData("")]
    [InlineData("{\"a\":01}")]
    [InlineData("NaN")]
    [InlineData("\"a\nb\"")]
    [InlineData("\uFEFF{}")]
    public void What_is_not_strict_is_refused(string text)
    {
        Assert.ThrowsAny<JsonException>(() => Text(text));
        Assert.Null(CanonicalJson.TryWrite(Encoding.UTF8.GetBytes(text)));
        Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused() => Assert.Null(CanonicalJson.TryWrite([(byte)'"', 0xC3, (byte)'"']));

    [Fact]
    public void Nesting_has_a_limit() => Assert.Null(CanonicalJson.TryWrite(Encoding.ASCII.GetBytes(new string('[', 100_000))));

    [Fact]
    public void Any_bytes_are_refused_or_read_and_never_throw() => Gen.Byte.Array.Sample(bytes =>
    {
        var canonical = CanonicalJson.TryWrite(bytes);
        return canonical is null ? !CanonicalJson.IsCanonical(bytes) : CanonicalJson.IsCanonical(canonical);
    });

    [Fact]
    public void Canonical_form_is_stable_keeps_the_value_and_hides_order_and_spaces() => Trees.Sample(tree =>
    {
        var written = CanonicalJson.Write(tree);
        var shuffled = Encoding.UTF8.GetBytes(Reverse(tree)?.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) ?? "null");
        return CanonicalJson.IsCanonical(written)
            && CanonicalJson.Write(shuffled).AsSpan().SequenceEqual(written)
            && (written.AsSpan().SequenceEqual(shuffled) || !CanonicalJson.IsCanonical(shuffled))
            && JsonNode.DeepEquals(JsonNode.Parse(written), tree);
    });

    private static readonly Gen<string> Names = Gen.OneOf(Gen.String[Gen.Char['a', 'e'], 0, 3], Gen.Int[0, 7].Select(i => new[] { "\ud83d\ude00", "\ufb33", "\u20ac", "\r", "\"", "\\", "\u0001", "" }[i]));

    private static readonly Gen<JsonNode?> Trees = Gen.Recursive<JsonNode?>((depth, tree) =>
    {
        var leaf = Gen.OneOf(
            Gen.Const((JsonNode?)null),
            Gen.Bool.Select(b => (JsonNode?)b),
            Gen.Long[-9007199254740991, 9007199254740991].Select(n => (JsonNode?)n),
            Names.Select(s => (JsonNode?)s));
        return depth > 3 ? leaf : Gen.OneOf(
            leaf,
            tree.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())])),
            Gen.Select(Names, tree).Array[0, 5].Select(members => (JsonNode?)new JsonObject(members.DistinctBy(m => m.Item1).Select(m => KeyValuePair.Create(m.Item1, m.Item2?.DeepClone())))));
    });

    private static JsonNode? Reverse(JsonNode? tree) => tree switch
    {
        JsonObject members => new JsonObject(members.Reverse().Select(m => KeyValuePair.Create(m.Key, Reverse(m.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Reverse)]),
        _ => tree?.DeepClone(),
    };

    private static string Text(string json) => Encoding.UTF8.GetString(CanonicalJson.Write(Encoding.UTF8.GetBytes(json)));
}
