namespace EdgeCoder.Executor.Subset;

/// <summary>Why a construct is refused, and what to do instead. The same for both languages.</summary>
/// <param name="Key">Stable name, for instance <c>module.network</c>.</param>
/// <param name="Why">One clause: the reason.</param>
/// <param name="Alternative">One clause: what to use instead.</param>
internal sealed record SubsetRule(string Key, string Why, string Alternative)
{
    /// <summary>All rules.</summary>
    public static IReadOnlyDictionary<string, SubsetRule> All { get; } = new SubsetRule[]
    {
        new("module.network", "there is no network, and a result must not depend on the world", "pass the data in as an argument or a literal"),
        new("module.process", "one program runs, readable before it runs", "call the function directly, or use threads"),
        new("module.runtime_code", "code made at run time cannot be read before it runs", "write the code out, or use a dictionary of functions"),
        new("module.engine", "it reaches into the engine", "use the language itself"),
        new("module.interactive", "there is no screen and nobody to answer", "print the result"),
        new("module.unknown", "it is not in the list of accepted modules and no packages are installed", "use the standard library's accepted modules"),
        new("name.runtime_code", "code made at run time cannot be read before it runs", "write the code out, or use a dictionary of functions"),
        new("name.input", "no standard input was given", "take the value as a function argument"),
        new("name.network", "there is no network, and a result must not depend on the world", "pass the data in as an argument or a literal"),
        new("name.process", "one program runs, readable before it runs", "call the function directly"),
        new("name.engine", "it reaches into the engine", "use the language itself"),
        new("name.interactive", "there is nobody to answer", "print the result"),
        new("name.reflection", "it walks from an object to the interpreter's inside", "use the object's public attributes"),
        new("source.depth", "it is nested too deeply to be read safely", "split it into functions"),
        new("source.size", "the source is larger than 4 MiB", "compute the data instead of writing it out"),
        new("source.name", "a file name is a plain relative name of letters, digits, dots, dashes and underscores", "rename the file"),
        new("check.crashed", "the check could not read it", "make the program smaller and plainer"),
    }.ToDictionary(rule => rule.Key, StringComparer.Ordinal);
}
