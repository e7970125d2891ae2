using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Tests.Coordination;

public sealed class SubmissionLinesTests
{
    [Fact]
    public void Tests_become_a_frozen_check_and_a_blob()
    {
        var line = Assert.Single(Read("""{"prompt":"p","tests":"assert f() == 1"}"""));
        var blob = Assert.Single(line.Blobs);
        Assert.Equal("assert f() == 1", blob.Text);
        var check = line.Submission.AcceptanceCheck!;
        Assert.Equal(["runner"], check.Command);
        Assert.Equal(CheckReport.Runner, check.Report);
        Assert.Equal([new CheckFile("tests.py", blob.Sha256)], check.Files!);
        Assert.Equal(check.Files!, check.ProtectedFiles);
    }

    [Fact]
    public void A_task_that_names_no_id_gets_one_of_its_own()
    {
        var lines = Read("{\"prompt\":\"a\"}\n\n{\"prompt\":\"a\"}\n{\"taskId\":\"mine\",\"prompt\":\"a\"}");
        Assert.Equal(3, lines.Select(line => line.Submission.TaskId).Distinct().Count());
        Assert.Equal("mine", lines[2].Submission.TaskId);
        Assert.All(lines, line => Assert.Equal(TaskPlan.Single, line.Submission.Plan));
    }

    [Theory]
    [InlineData("{\"prompt\":\"a\"}\nnot json", "Line 2")]
    [InlineData("{\"prompt\":\"\"}", "no prompt")]
    [InlineData("{\"prompt\":\"a\",\"prompt\":\"b\"}", "Line 1")]
    [InlineData("{\"prompt\":\"a\",\"tests\":\"t\",\"acceptanceCheck\":{\"command\":[\"runner\"],\"timeoutMs\":1000,\"report\":\"runner\"}}", "both tests and acceptanceCheck")]
    [InlineData("[1]", "Line 1")]
    [InlineData("null", "Line 1")]
    [InlineData("{\"prompt\":\"a\",\"priority\":\"high\"}", "Line 1")]
    [InlineData("", "no task")]
    public void A_faulty_line_is_named_and_nothing_is_sent(string text, string told) =>
        Assert.Contains(told, Assert.Throws<UsageException>(() => Read(text)).Message, StringComparison.Ordinal);

    private static IReadOnlyList<SubmissionLine> Read(string text) => SubmissionLines.Read(new StringReader(text));
}
