using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;

namespace EdgeCoder.Training.Tests.Corpus;

public sealed class TemplateLibraryTests
{
    [Fact]
    public void Names_are_unique_in_both_languages()
    {
        Assert.True(TemplateLibrary.All.Count >= 235);
        Assert.Equal(TemplateLibrary.All.Count, TemplateLibrary.All.Select(template => template.Name).Distinct().Count());
        Assert.Equal(TemplateLibrary.All.Count, TemplateLibrary.All.Select(template => Names.ToCamelCase(template.Name)).Distinct().Count());
    }

    [Fact]
    public void No_two_templates_are_asked_for_in_the_same_words()
    {
        var said = TemplateLibrary.All.SelectMany(template => template.Sayings.Select(saying => (saying.Text, template.Name)).Distinct()).ToLookup(entry => entry.Text, entry => entry.Name);
        Assert.Equal([], said.Where(group => group.Distinct().Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Purpose_tells_templates_apart() =>
        Assert.Equal(TemplateLibrary.Problems.Count, TemplateLibrary.Problems.Select(problem => problem.Purpose).Distinct().Count());

    [Fact]
    public void Templates_known_in_JavaScript_exist() =>
        Assert.Equal([], TemplateLibrary.InJavaScript.Except(TemplateLibrary.All.Select(template => template.Name)));

    [Fact]
    public void Template_without_enough_inputs_is_refused_with_its_line()
    {
        var error = Assert.Throws<FormatException>(() => TemplateReader.Read(["", "f(x)", "v fs a number", "how Do f.", "py return x", "js return x;", "in1 [1]"]));
        Assert.Contains("line 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("merges two dictionaries", "merge two dictionaries", "merging two dictionaries")]
    [InlineData("multiplies a number", "multiply a number", "multiplying a number")]
    [InlineData("searches a list", "search a list", "searching a list")]
    [InlineData("swaps two values", "swap two values", "swapping two values")]
    [InlineData("capitalizes a string", "capitalize a string", "capitalizing a string")]
    [InlineData("truncates a string and adds dots", "truncate a string and add dots", "truncating a string and adding dots")]
    public void Verbs_change_their_form(string third, string infinitive, string gerund)
    {
        Assert.Equal(infinitive, VerbForms.Base(third));
        Assert.Equal(gerund, VerbForms.Gerund(third));
    }

    [Fact]
    public void Requests_of_the_evaluation_never_occur_in_training()
    {
        var source = new ExampleSource(References.Answers, WordingSet.Training, new ExampleMix(), 1, HeldOutRequests.All);
        for (var i = 0; i < 20_000; i++)
        {
            Assert.DoesNotContain(ExampleSource.Bare(source.Next().Request), HeldOutRequests.All);
        }
    }

    [Fact]
    public void Same_seed_gives_the_same_examples()
    {
        var (one, other) = (Take(5), Take(5));
        Assert.Equal(one, other);
        Assert.NotEqual(one, Take(6));

        static IReadOnlyList<string> Take(int seed)
        {
            var source = new ExampleSource(References.Answers, WordingSet.Training, new ExampleMix(), seed, HeldOutRequests.All);
            return [.. Enumerable.Range(0, 50).Select(_ => source.Next()).Select(example => example.Request + example.Answer)];
        }
    }

    [Fact]
    public void Plan_tests_and_code_agree_on_the_given_name()
    {
        var source = new ExampleSource(References.Answers, WordingSet.Training, new ExampleMix { GivenNames = 1, Refusals = 0 }, 3, HeldOutRequests.All);
        for (var i = 0; i < 500; i++)
        {
            var example = source.Next();
            if (example.Problem is null)
            {
                Assert.Equal(Language.JavaScript, example.Language);
                continue;
            }

            Assert.Contains(example.Name, example.Request, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(example.Name + "(", example.Answer, StringComparison.Ordinal);
        }
    }
}
