namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>A definition.</summary>
/// <param name="Name">What it defines.</param>
/// <param name="Line">Where, from 1.</param>
/// <param name="Signature">The line, without what is around it.</param>
internal readonly record struct SymbolDefinition(string Name, int Line, string Signature);

/// <summary>What a file defines, and the names it uses with how often.</summary>
internal sealed record FileSymbols(IReadOnlyList<SymbolDefinition> Definitions, IReadOnlyDictionary<string, int> References)
{
    /// <summary>Nothing: a file that is not read, for instance a generated one.</summary>
    public static FileSymbols None { get; } = new([], new Dictionary<string, int>());
}
