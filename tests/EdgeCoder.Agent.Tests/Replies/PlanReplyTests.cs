using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Agent.Tests.Replies;

public sealed class PlanReplyTests
{
    [Theory]
    [InlineData("1. one\n2. two")]
    [InlineData("1) one\n2) two")]
    [InlineData("Here is the plan:\n\n1. one\n2. two\n\nGood luck!")]
    [InlineData("- one\n- two")]
    [InlineData("* one\r\n* two")]
    [InlineData("Step 1: one\nStep 2: two")]
    [InlineData("**1.** one\n**2.** two")]
    [InlineData("one\ntwo")]
    [InlineData("1. one\n```python\n3. not = a + step\n```\n2. two")]
    [InlineData("{\"steps\":[{\"index\":1,\"description\":\"one\"},{\"index\":2,\"description\":\"two\"}]}")]
    [InlineData("```json\n{\"steps\":[{\"index\":1,\"description\":\"one\"},{\"index\":2,\"description\":\"two\"}]}\n```")]
    public void Steps_are_read(string reply)
    {
        var steps = PlanReply.Read(reply);
        Assert.Equal(["one", "two"], steps.Select(s => s.Description));
        Assert.Equal([1, 2], steps.Select(s => s.Index));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n")]
    [InlineData("```python\nprint(1)\n```")]
    [InlineData("{\"steps\":[]}")]
    public void Reply_without_steps_is_no_plan(string reply) => Assert.Empty(PlanReply.Read(reply));

    [Fact]
    public void Long_plans_and_long_steps_are_capped()
    {
        var steps = PlanReply.Read(string.Join('\n', Enumerable.Range(1, 40).Select(i => $"{i}. {new string('x', 1_000)}")));
        Assert.Equal(10, steps.Count);
        Assert.All(steps, s => Assert.True(s.Description.Length <= 301));
    }
}
