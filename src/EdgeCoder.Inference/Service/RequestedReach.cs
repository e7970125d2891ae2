namespace EdgeCoder.Inference.Service;

/// <summary>How far the work of a request may go.</summary>
internal enum RequestedReach
{
    /// <summary>Not off this machine.</summary>
    ThisMachine,

    /// <summary>To the team's machines.</summary>
    Team,
}

/// <summary>The header that says it.</summary>
internal static class ReachHeader
{
    /// <summary>Name of the header, in requests and answers.</summary>
    public const string Name = "x-edgecoder-reach";

    /// <summary>Reads it; nothing is <c>this-machine</c>, and a word that is not known is null: it might have meant less than it is taken for.</summary>
    public static RequestedReach? Read(string? text) => text switch
    {
        null or "" or "this-machine" => RequestedReach.ThisMachine,
        "team" => RequestedReach.Team,
        _ => null,
    };
}
