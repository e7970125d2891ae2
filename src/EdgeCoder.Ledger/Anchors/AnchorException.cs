namespace EdgeCoder.Ledger.Anchors;

/// <summary>Something about an anchor could not be done or found out. It says nothing about the chain: an error is never taken for a reorganisation (economy-and-ledger 13.3).</summary>
/// <param name="code">Stable code, as <c>bitcoind_insufficient_funds</c>.</param>
/// <param name="message">In words, without secrets; it begins with the code.</param>
/// <param name="permanent">Whether these very bytes can never be taken: the row fails instead of being tried again.</param>
public sealed class AnchorException(string code, string message, bool permanent = false) : Exception(message)
{
    private const int MostCharacters = 300;

    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>Whether trying again is useless.</summary>
    public bool IsPermanent { get; } = permanent;

    /// <summary>A code with what the other side said, cut and freed of what is not text.</summary>
    public static AnchorException Said(string code, string said, bool permanent = false)
    {
        var text = new string([.. said.Where(c => !char.IsControl(c)).Take(MostCharacters)]);
        return new(code, $"{code}: {text}", permanent);
    }
}
