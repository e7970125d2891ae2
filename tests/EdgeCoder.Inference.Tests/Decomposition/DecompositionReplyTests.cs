using System.Text.Json;
using CsCheck;
using EdgeCoder.Inference.Decomposition;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Inference.Tests.Decomposition;

public sealed class DecompositionReplyTests
{
    private const string Two = """[{"input":"write f","language":"python"},{"input":"use f","language":"py","dependsOn":[0]}]""";

    [Theory]
    [InlineData(Two)]
    [InlineData("<think>[1]</think>\nHere:\n```json\n" + Two + "\n```\nDone.")]
    [InlineData("The plan is " + Two + " as asked.")]
    [InlineData("""{"subtasks":""" + Two + "}")]
    [InlineData("""[{"input":"write f","language":"python"},{"input":"use f","language":"Python","dependsOn":["0",0]},]""")]
    public void Plan_is_read_however_a_model_wraps_it(string reply)
    {
        var read = DecompositionReply.Read(reply, SubtaskKind.MicroLoop, "python");

        Assert.Null(read.Fault);
        Assert.Equal([("write f", "python", 0), ("use f", "python", 1)], read.Parts.Select(part => (part.Input, part.Language, part.DependsOn.Count)));
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("I cannot do that.", "no JSON")]
    [InlineData("[]", "empty")]
    [InlineData("{\"a\":1}", "not an array")]
    [InlineData("[{\"input\":\"a", "not JSON")]
    [InlineData("""[{"language":"python"}]""", "no input")]
    [InlineData("""[{"input":"  ","language":"python"}]""", "no input")]
    [InlineData("""["write f"]""", "no input")]
    [InlineData("""[{"input":"a"}]""", "language")]
    [InlineData("""[{"input":"a","language":"rust"}]""", "language")]
    [InlineData("""[{"input":"a","language":7}]""", "language")]
    [InlineData("""[{"input":"a","language":"python","dependsOn":[0]}]""", "dependsOn")]
    [InlineData("""[{"input":"a","language":"python","dependsOn":[1]}]""", "dependsOn")]
    [InlineData("""[{"input":"a","language":"python","dependsOn":[-1]}]""", "dependsOn")]
    [InlineData("""[{"input":"a","language":"python","dependsOn":"0"}]""", "dependsOn")]
    [InlineData("""[{"input":"a","language":"python","dependsOn":[1]},{"input":"b","language":"python","dependsOn":[0]}]""", "circle")]
    public void What_breaks_a_rule_is_no_plan_and_says_why(string reply, string why)
    {
        var read = DecompositionReply.Read(reply, SubtaskKind.MicroLoop, "python");

        Assert.Empty(read.Parts);
        Assert.Contains(why, read.Fault);
    }

    [Fact]
    public void Eleven_parts_are_too_many()
    {
        var reply = JsonSerializer.Serialize(Enumerable.Range(0, 11).Select(i => new { input = $"part {i}", language = "python" }));

        Assert.Contains("at most 10", DecompositionReply.Read(reply, SubtaskKind.MicroLoop, "python").Fault);
    }

    [Fact]
    public void Any_reply_gives_a_plan_that_keeps_every_rule_or_a_fault()
    {
        var part = Gen.Select(Gen.String[Gen.Char["abc \"{}[]"], 0, 12], Gen.OneOf(Gen.Const("python"), Gen.Const("js"), Gen.Const("rust"), Gen.Const("")), Gen.Int[-1, 11].Array[0, 4], (input, language, dependsOn) => new { input, language, dependsOn });
        part.Array[0, 12].Sample(parts =>
        {
            var read = DecompositionReply.Read(JsonSerializer.Serialize(parts), SubtaskKind.MicroLoop, "python");
            if (read.Fault is not null)
            {
                return read.Parts.Count == 0;
            }

            // An order in which every part comes after those that it waits for exists exactly when there is no circle.
            var placed = new HashSet<int>();
            for (var round = 0; round < read.Parts.Count; round++)
            {
                placed.UnionWith(Enumerable.Range(0, read.Parts.Count).Where(i => read.Parts[i].DependsOn.All(placed.Contains)).ToList());
            }

            return read.Parts.Count is >= 1 and <= 10 && placed.Count == read.Parts.Count
                && read.Parts.All(p => p.Language is "python" or "javascript" && p.Input.Trim().Length > 0)
                && read.Parts.Select((p, i) => p.DependsOn.All(d => d >= 0 && d < read.Parts.Count && d != i)).All(ok => ok);
        });
    }

    [Fact]
    public void Timeout_grows_with_the_order_and_ends_at_a_minute() =>
        Gen.Int[0, 20_000].Sample(length =>
        {
            var timeout = SubtaskTimeout.Of(new string('x', length));
            return timeout == Math.Min(5000 + (1000 * (length / 50)), 60000) && timeout is >= 5_000 and <= 60_000;
        });

    [Theory]
    [InlineData("[[]]", 0)]
    [InlineData("[[],[0]]", 1)]
    [InlineData("[[1],[]]", 0)]
    [InlineData("[[],[]]", 2)]
    [InlineData("[[],[0],[0]]", 3)]
    public void Check_goes_to_the_part_that_all_others_lead_to(string dependencies, int at)
    {
        var request = new DecomposeRequest { TaskId = "task-1", Prompt = "all of it", AcceptanceCheck = Check };
        var parts = JsonSerializer.Deserialize<int[][]>(dependencies)!.Select(d => new PlannedPart("part", "python", d)).ToList();

        var plan = DecompositionPlan.Of(request, "python", parts)!;

        Assert.Equal([at], plan.Subtasks.Where(subtask => subtask.AcceptanceCheck is not null).Select(subtask => subtask.SubtaskIndex));
        Assert.Equal(at == parts.Count, plan.Subtasks[at].Input.Contains("all of it", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_without_room_for_the_part_that_joins_the_others_is_none()
    {
        var parts = Enumerable.Range(0, 10).Select(_ => new PlannedPart("part", "python", [])).ToList();

        Assert.Null(DecompositionPlan.Of(new() { TaskId = "task-1", Prompt = "p", AcceptanceCheck = Check }, "python", parts));
        Assert.Equal(10, DecompositionPlan.Of(new() { TaskId = "task-1", Prompt = "p" }, "python", parts)!.Subtasks.Count);
    }

    private static AcceptanceCheck Check => new() { Command = ["runner"], TimeoutMs = 5_000, Report = CheckReport.Runner };
}
