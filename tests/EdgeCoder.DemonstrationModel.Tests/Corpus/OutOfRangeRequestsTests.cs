using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;

namespace EdgeCoder.Training.Tests.Corpus;

public sealed class OutOfRangeRequestsTests
{
    [Fact]
    public void Request_to_refuse_is_never_the_plain_wording_of_a_template()
    {
        var plain = TemplateLibrary.All.SelectMany(template => template.Sayings).SelectMany(saying => (string[])[saying.Text, VerbForms.Base(saying.Text)])
            .Select(text => text.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal);
        var (requests, random) = (new OutOfRangeRequests(), new Random(11));
        for (var i = 0; i < 20_000; i++)
        {
            var request = requests.Next("Python", random).TrimEnd('.', '!', '?').ToLowerInvariant();
            Assert.DoesNotContain(request, plain);
        }
    }

    [Fact]
    public void Requests_to_refuse_differ_widely()
    {
        var (requests, random) = (new OutOfRangeRequests(), new Random(12));
        Assert.True(Enumerable.Range(0, 2_000).Select(_ => requests.Next("Python", random)).Distinct().Count() > 1_800);
    }
}
