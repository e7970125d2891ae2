namespace EdgeCoder.Coordinator.Composition;

/// <summary>A portal of the same process with the credentials of both directions (portal-and-control-plane 2). A class, so that nothing prints it: it holds secrets.</summary>
/// <param name="url">Its address.</param>
/// <param name="serviceToken">What the coordinator sends to it.</param>
/// <param name="coordinatorToken">What it sends to the coordinator.</param>
public sealed class OwnPortal(Uri url, string serviceToken, string coordinatorToken)
{
    /// <summary>Its address.</summary>
    public Uri Url { get; } = url;

    /// <summary>What the coordinator sends to it.</summary>
    public string ServiceToken { get; } = serviceToken;

    /// <summary>What it sends to the coordinator.</summary>
    public string CoordinatorToken { get; } = coordinatorToken;
}
