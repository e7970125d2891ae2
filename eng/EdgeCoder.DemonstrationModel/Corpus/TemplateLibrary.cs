namespace EdgeCoder.Training.Corpus;

/// <summary>All templates, in a fixed order.</summary>
internal static class TemplateLibrary
{
    private static readonly string[] Files = ["families", "texts", "lists", "numbers", "dictionaries"];

    /// <summary>The numbers that may stand for <c>$k</c>.</summary>
    public static readonly IReadOnlyList<int> Numbers = [2, 3, 4, 5, 10];

    /// <summary>The templates.</summary>
    public static IReadOnlyList<Template> All { get; } = [.. Files.SelectMany(file => TemplateReader.Read(TextResource.AllLines($"Templates.{file}.txt")))];

    /// <summary>Names of the templates that are answered in JavaScript too; Python knows all.</summary>
    public static IReadOnlySet<string> InJavaScript { get; } = TextResource.Lines("Templates.javascript.txt").ToHashSet(StringComparer.Ordinal);

    /// <summary>Every template with every number it may carry.</summary>
    public static IReadOnlyList<Problem> Problems { get; } =
        [.. All.SelectMany(template => template.HasNumber ? Numbers.Select(k => new Problem(template, k)) : [new Problem(template, 0)])];
}
