using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCoder.Benchmarks;

/// <summary>Runs measurements one after the other, prints them, and writes the result file.</summary>
internal static class Suite
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>0 when every target that could be measured was met, 1 otherwise.</summary>
    public static async Task<int> RunAsync(string name, IReadOnlyList<Measurement> measurements, string[] options)
    {
        var only = Option(options, "--only");
        var file = Option(options, "--out") ?? Path.Combine("benchmarks", "results", name + ".json");
        var results = new JsonArray();
        var missed = 0;
        foreach (var measurement in measurements.Where(measurement => only is null || measurement.Name == only))
        {
            var figure = await measurement.Run();
            var met = Met(measurement, figure);
            missed += met == false ? 1 : 0;
            Console.WriteLine(Line(measurement, figure, met));
            results.Add(ToJson(measurement, figure, met));

            // After each, so that a run that is stopped keeps what it has.
            await WriteAsync(name, results, file);
        }

        return missed == 0 ? 0 : 1;
    }

    private static async Task WriteAsync(string name, JsonArray results, string file)
    {
        var report = new JsonObject { ["suite"] = name, ["machine"] = Machine.Describe(), ["measurements"] = results.DeepClone() };
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(file, report.ToJsonString(Indented) + "\n");
    }

    private static string? Option(string[] options, string name) =>
        Array.IndexOf(options, name) is var at and >= 0 && at + 1 < options.Length ? options[at + 1] : null;

    private static bool? Met(Measurement measurement, Figure figure) => figure.Value is not { } value || measurement.Target is not { } target ? null
        : measurement.Goal == Goal.AtLeast ? value >= target : value <= target;

    private static string Line(Measurement measurement, Figure figure, bool? met)
    {
        var value = figure.Value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "not measured";
        var target = measurement.Target is { } wanted ? string.Create(CultureInfo.InvariantCulture, $"{(measurement.Goal == Goal.AtLeast ? ">=" : "<=")} {wanted}") : "";
        var verdict = met switch { true => "met", false => "MISSED", null => "" };
        return $"{measurement.Name,-28} {value,12} {measurement.Unit,-8} {target,-10} {verdict,-7} {string.Join(", ", figure.Details.Select(detail => $"{detail.Key}={detail.Value}"))}";
    }

    private static JsonObject ToJson(Measurement measurement, Figure figure, bool? met) => new()
    {
        ["name"] = measurement.Name,
        ["value"] = figure.Value is { } value ? Math.Round(value, 4) : null,
        ["unit"] = measurement.Unit,
        ["target"] = measurement.Target,
        ["goal"] = measurement.Goal == Goal.AtLeast ? "at_least" : "at_most",
        ["met"] = met,
        ["details"] = JsonSerializer.SerializeToNode(figure.Details),
    };
}
