namespace EdgeCoder.Inference.Preflight;

/// <summary>How often a model made the calls that a fixed set of requests asks for, in one form.</summary>
/// <param name="Form"><c>native</c>, <c>json</c> or <c>text</c>.</param>
/// <param name="Rate">Share of right answers, 0–1.</param>
public sealed record ToolFormRate(string Form, double Rate);

/// <summary>What a model can do besides answering, as a preflight saw it.</summary>
public sealed record AbilityReport
{
    /// <summary>Its tool calls, by form; a form that its provider does not offer, or for which the time did not suffice, is missing.</summary>
    public IReadOnlyList<ToolFormRate> Tools { get; set; } = [];

    /// <summary>The form to use; null when none is right often enough.</summary>
    public string? ToolForm { get; set; }

    /// <summary>Whether an answer that was asked for as JSON of a schema was that.</summary>
    public bool ObeysSchema { get; set; }

    /// <summary>Whether a stop text ended an answer and was not in it.</summary>
    public bool ObeysStop { get; set; }

    /// <summary>Whether marks of thinking stood in an answer.</summary>
    public bool ThinksAloud { get; set; }

    /// <summary>Whether it fills gaps with marks of its own.</summary>
    public bool FillsGaps { get; set; }

    /// <summary>The form of these rates: the most capable one that is right three times in four, else the best that is right every other time.</summary>
    public static string? Choose(IReadOnlyList<ToolFormRate> rates) =>
        rates.FirstOrDefault(rate => rate.Rate >= 0.75)?.Form ?? rates.Where(rate => rate.Rate >= 0.5).MaxBy(rate => rate.Rate)?.Form;

    /// <summary>One line for a person.</summary>
    public override string ToString()
    {
        var tools = Tools.Count == 0 ? "tool calls not measured" : "tool calls " + string.Join(", ", Tools.Select(rate => FormattableString.Invariant($"{rate.Form} {rate.Rate:P0}")));
        return $"{tools}; form {ToolForm ?? "none"}; schema {(ObeysSchema ? "obeyed" : "not obeyed")}; stop texts {(ObeysStop ? "obeyed" : "not obeyed")}{(ThinksAloud ? "; thinks aloud" : "")}{(FillsGaps ? "; fills gaps" : "")}";
    }
}
