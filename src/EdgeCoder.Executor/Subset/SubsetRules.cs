using System.Globalization;
using System.Text;

namespace EdgeCoder.Executor.Subset;

/// <summary>What prompts say about the subset, written from the table that the check uses.</summary>
public static class SubsetRules
{
    /// <summary>
    /// A few lines of plain text: what programs of a language may use, what is refused and why, and the limits.
    /// The language's version is not in it: the caller states the interpreter's.
    /// </summary>
    public static string Describe(SnippetLanguage language)
    {
        var text = new StringBuilder();
        if (language == SnippetLanguage.Python)
        {
            text.Append("Accepted: all of the language; these standard modules: ").AppendJoin(", ", PythonSubset.AcceptedModules).Append(".\n");
            Refused(text, "Refused modules", PythonSubset.RefusedModules);
            Refused(text, "Refused functions", PythonSubset.RefusedAttributes);
            Refused(text, "Refused builtins", PythonSubset.RefusedNames);
            text.Append("Refused attributes: ").AppendJoin(", ", PythonSubset.ReflectionAttributes).Append(".\n");
        }
        else
        {
            text.Append("Accepted: all of the language, as script or module; these modules, with or without 'node:': ").AppendJoin(", ", JavaScriptSubset.AcceptedModules).Append(".\n");
            Refused(text, "Refused modules", JavaScriptSubset.RefusedModules);
            Refused(text, "Refused globals", JavaScriptSubset.RefusedGlobals);
            Refused(text, "Refused members of process", JavaScriptSubset.RefusedProcessMembers);
            text.Append("Refused: import() of a computed name.\n");
        }

        return text.Append("No network, no other processes, no installed packages. Files can be written in the working directory only.\n").ToString();
    }

    /// <summary>Whether the table says something of a module, that it is accepted or that it is refused. Any other name is a file of the snippet, or nothing.</summary>
    public static bool Knows(SnippetLanguage language, string module) => language == SnippetLanguage.Python
        ? PythonSubset.AcceptedModules.Contains(module) || PythonSubset.RefusedModules.ContainsKey(module)
        : JavaScriptSubset.AcceptedModules.Contains(module) || JavaScriptSubset.RefusedModules.ContainsKey(module);

    private static void Refused(StringBuilder text, string what, IReadOnlyDictionary<string, string> rules)
    {
        foreach (var group in rules.GroupBy(rule => rule.Value, rule => rule.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"{what} ({SubsetRule.All[group.Key].Why}): ").AppendJoin(", ", group).Append(".\n");
        }
    }
}
