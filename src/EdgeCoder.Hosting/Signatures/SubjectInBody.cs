namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// Marks a route whose body names in <c>agentId</c> the agent that it is about, as a report of another agent does. Who acts is the signer, which the route
/// compares with the member that it has for that.
/// </summary>
public sealed record SubjectInBody;
